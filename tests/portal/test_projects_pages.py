"""« Grands projets »: needs against people and seats, whose counts are masked, what is over."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    Confidence,
    MajorProject,
    OccupationSkill,
    ProgramOccupation,
    ProjectVersion,
    Role,
)
from portal.projects.rules import Quarter
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import AMIENS, MARQUION, Factory
from tests.support.projects import make_list, make_project, make_trade, quarter
from tests.support.queries import count_queries


def text_of(client: CheckingClient, path: str, **options: object) -> str:
    response = client.get(path, **options)  # type: ignore[arg-type]
    assert response.status_code == 200, path
    return " ".join(response.get_data(as_text=True).split())


def spaced(when: Quarter) -> str:
    return " ".join(when.label.split())


class Works:
    """A project at Marquion: 12 road workers wanted next quarter, who must know one skill."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.project: MajorProject = make_project(make)
        self.version: ProjectVersion = make_list(make, self.project)
        occupation = make.occupation()
        self.skill = make.core_skill(occupation, "tp.niveler")
        link = make.first(OccupationSkill, skill_code=self.skill.code)
        link.usual_kind, link.usual_level = "day_one", 2
        self.trade = make_trade(make, self.version, {quarter(1): 12, quarter(2): 8})
        self.referent: Account = make.account(Role.REFERENT)

    def ready(self, number: int) -> None:
        for _ in range(number):
            person = self.make.person(referent=self.referent, place=MARQUION, modes="car")
            self.make.knows(person, self.skill, 2)

    def training(self, seats_left: int | None, *, starts_in: int = 5, lasts: int = 20) -> None:
        row = self.make.session_of_training(
            title="Voirie", seats_left=seats_left, starts_in=starts_in, lasts=lasts
        )
        code = self.trade.occupation_code
        row.action.program.occupations.append(
            ProgramOccupation(rome_code=code, occupation_code=code)
        )
        self.make.session.flush()


@pytest.fixture
def works(make: Factory) -> Works:
    return Works(make)


@pytest.fixture
def referent(client: CheckingClient, session: Session, works: Works) -> CheckingClient:
    return sign_in(client, session, works.referent)


def pilot(client: CheckingClient, make: Factory, session: Session, role: Role) -> CheckingClient:
    return sign_in(client, session, make.account(role))


def test_projects_are_listed_with_their_version_and_those_that_are_over_come_last(
    referent: CheckingClient, make: Factory, session: Session
) -> None:
    make_project(make, "a-fini", name="Ancien chantier", ends_on=date(2024, 9, 8))
    make_project(make, "z-vide", name="Chantier sans liste")
    session.commit()
    text = text_of(referent, "/grands-projets")
    assert "1 métier" in text
    assert "Liste non officielle" in text
    assert "version essai-1" in text
    assert "Pas encore de liste" in text
    assert text.index("Chantier sans liste") < text.index("Ancien chantier")
    assert "Terminé" in text


def test_jobs_stand_against_people_ready_and_seats(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    works.ready(3)
    works.training(4)
    works.training(None)
    session.commit()
    text = text_of(referent, "/grands-projets/canal?vue=tableau")
    assert "12 postes" in text
    assert "3 personnes prêtes" in text
    assert "4 places libres, 1 session à demander" in text
    assert "<strong>5</strong> sur 12" in text
    # The next quarter sets the same people and seats against all the jobs opened by then.
    assert "<strong>13</strong> sur 20" in text


def test_every_figure_says_its_confidence_and_the_list_its_source_and_date(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    session.commit()
    text = text_of(referent, "/grands-projets/canal?vue=tableau")
    assert "Liste non officielle" in text
    assert "Source d’essai" in text
    assert "1er janvier 2026" in text
    assert "(hypothèse)" in text
    assert "annoncé" in text
    trade = text_of(referent, "/grands-projets/canal/metiers/1")
    assert "Page du chantier" in trade
    assert "Hypothèse de travail" in trade


def test_the_picture_is_told_in_words_and_the_table_is_one_tap_away(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    works.trade.needs[0].confidence = Confidence.ESTIMATED
    session.commit()
    text = text_of(referent, "/grands-projets/canal")
    assert "<svg width=" in text
    assert 'role="img" aria-labelledby="dessin-titre dessin-texte"' in text
    assert "Une ligne par métier" in text
    assert "vue=tableau" in text
    assert text.index("<svg width=") < text.index("<table"), "the table stands beside the picture"
    assert "12 postes d’ici là, 0 personnes prêtes" in text
    assert "<svg width=" not in text_of(referent, "/grands-projets/canal?vue=tableau").replace(
        'svg width="18"', ""
    )


@pytest.mark.parametrize(
    "role", [Role.PILOT_REGION, Role.PILOT_DEPARTEMENT, Role.HUB, Role.TRAINING, Role.ADMIN]
)
def test_small_counts_are_masked_for_those_who_see_nobody_everywhere(
    client: CheckingClient, make: Factory, session: Session, works: Works, role: Role
) -> None:
    works.ready(3)
    works.training(4)
    pilot(client, make, session, role)
    for path in ("?vue=tableau", "/metiers/1"):
        text = text_of(client, f"/grands-projets/canal{path}")
        assert "moins de 5" in text, path
        assert "4 à 7" in text, path
        assert "3 personnes prêtes" not in text, path
    assert ">4 à 7<" in text_of(client, "/grands-projets/canal")
    export = client.get("/grands-projets/canal/export.csv").get_data(as_text=True)
    assert "moins de 5" in export
    assert "4 à 7" in export


def test_nobody_and_five_are_said_even_to_a_pilot(
    client: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    pilot(client, make, session, Role.PILOT_REGION)
    assert "aucune personne prête" in text_of(client, "/grands-projets/canal?vue=tableau")
    works.ready(5)
    session.commit()
    assert "5 personnes prêtes" in text_of(client, "/grands-projets/canal?vue=tableau")


def test_a_departement_counts_its_own_people_and_the_region_all(
    client: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    works.ready(5)
    for _ in range(6):
        person = make.person(referent=works.referent, place=MARQUION, modes="car")
        person.departement_code = "59"
        make.knows(person, works.skill, 2)
    region = make.account(Role.PILOT_REGION, make.organisation(departement_code=None))
    sign_in(client, session, region)
    text = text_of(client, "/grands-projets/canal?vue=tableau")
    assert "11 personnes prêtes" in text
    assert "toutes les personnes accompagnées" in text
    sign_in(client, session, make.account(Role.PILOT_DEPARTEMENT))
    text = text_of(client, "/grands-projets/canal?vue=tableau")
    assert "5 personnes prêtes" in text
    assert "département 62" in text


def test_people_are_counted_from_the_place_asked(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    works.ready(2)
    make.commune(AMIENS)
    session.commit()
    assert "2 personnes prêtes" in text_of(referent, "/grands-projets/canal?vue=tableau")
    far = text_of(referent, "/grands-projets/canal?vue=tableau&lieu=Amiens")
    assert "aucune personne prête" in far
    assert "Amiens (80000)" in far
    unknown = text_of(referent, "/grands-projets/canal?vue=tableau&lieu=Nullepart")
    assert "Aucune commune ne s’écrit" in unknown
    assert "2 personnes prêtes" in unknown


def test_without_a_place_jobs_are_shown_and_people_are_not_counted(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    works.project.commune_code = None
    session.commit()
    text = text_of(referent, "/grands-projets/canal")
    assert "Choisissez la commune du chantier" in text
    assert "12 postes" in text
    assert "prêtes</" not in text


def test_a_full_session_has_no_seat_and_one_that_ends_later_does_not_count(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    works.training(0)
    works.training(9, starts_in=300, lasts=90)
    session.commit()
    text = text_of(referent, "/grands-projets/canal?vue=tableau")
    assert "aucune place libre" in text
    assert "9 places" not in text


def test_quarters_and_families_narrow_the_plan(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    other = make.occupation("K1302", "Aide à domicile")
    other.family = "autonomie"
    make_trade(make, works.version, occupation=other, name="Aide à domicile")
    session.commit()
    text = text_of(referent, "/grands-projets/canal?vue=tableau&famille=autonomie")
    assert "Aide à domicile</a>" in text
    assert "Constructeur de routes</a>" not in text
    after = quarter(2)
    text = text_of(referent, f"/grands-projets/canal?vue=tableau&de={after}&a={after}")
    assert f'<th scope="col">{spaced(after)}</th>' in text
    assert f'<th scope="col">{spaced(quarter(1))}</th>' not in text
    assert "sur 20" in text, "jobs opened before the first quarter shown still count"
    assert "Aucun besoin pour ce choix" in text_of(referent, "/grands-projets/canal?famille=zut")


def test_strange_addresses_show_the_plan(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    session.commit()
    address = "/grands-projets/canal?de=2030-T9&a=x&vue=zut&version=zut&lieu=%3Cb%3E"
    assert "12" in text_of(referent, address)


def test_the_list_is_versioned_and_an_older_version_can_be_read(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    recent = make_list(make, works.project, "officielle-1", valid_from=clock.today(), official=True)
    make_trade(make, recent, {quarter(1): 40}, name="Ouvrier de voirie")
    make_list(make, works.project, "officielle-2", valid_from=clock.today() + timedelta(days=30))
    session.commit()
    text = text_of(referent, "/grands-projets/canal?vue=tableau")
    assert "Liste officielle" in text
    assert "40 postes" in text
    assert "Autres versions" in text
    old = text_of(referent, "/grands-projets/canal?vue=tableau&version=essai-1")
    assert "12 postes" in old
    assert "Liste non officielle" in old


def test_a_project_that_is_over_is_read_and_proposes_nothing(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    works.ready(3)
    works.training(4)
    works.project.ends_on = clock.today() - timedelta(days=1)
    session.commit()
    for path in ("", "/metiers/1"):
        text = text_of(referent, f"/grands-projets/canal{path}")
        assert "terminé" in text
        assert "places libres" not in text
        assert "prêtes</" not in text
    trade = text_of(referent, "/grands-projets/canal/metiers/1")
    assert "qui est prêt" not in trade
    assert "Sessions qui y préparent" not in trade


def test_the_page_of_a_trade_leads_to_who_is_ready_to_sessions_and_to_offers(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    works.ready(2)
    works.training(4)
    adviser = make.account(Role.ADVISER)
    tagged = make.offer(adviser, title="Chantier écluse")
    tagged.project_id = works.project.id
    make.offer(adviser, title="Sans étiquette")
    session.commit()
    text = text_of(referent, "/grands-projets/canal/metiers/1")
    assert "/personnes/pret-pour?" in text
    assert "code=F1702" in text
    assert "Voirie" in text
    assert "Chantier écluse" in text
    assert "Sans étiquette" not in text


def test_a_pilot_has_neither_people_nor_offers_on_the_page_of_a_trade(
    client: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    offer = make.offer(make.account(Role.ADVISER), title="Chantier écluse")
    offer.project_id = works.project.id
    pilot(client, make, session, Role.PILOT_DEPARTEMENT)
    text = text_of(client, "/grands-projets/canal/metiers/1")
    assert "pret-pour" not in text
    assert "Chantier écluse" not in text


def test_two_trades_of_one_occupation_say_they_count_the_same_people(
    referent: CheckingClient, make: Factory, session: Session, works: Works
) -> None:
    make_trade(make, works.version, name="Maçon VRD")
    session.commit()
    text = text_of(referent, "/grands-projets/canal/metiers/1")
    assert "Mêmes personnes et mêmes sessions que" in text
    assert "Maçon VRD" in text


@pytest.mark.parametrize(
    "path", ["/inconnu", "/canal/metiers/99", "/inconnu/export.csv", "/vide/export.csv"]
)
def test_what_does_not_exist_is_not_found(
    referent: CheckingClient, make: Factory, session: Session, path: str
) -> None:
    make_project(make, "vide")
    session.commit()
    assert referent.get(f"/grands-projets{path}").status_code == 404


def test_the_export_says_source_and_date_and_no_cell_is_a_formula(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    works.ready(2)
    works.trade.name = "=HYPERLINK(A1)"
    works.trade.needs[0].source = "+cmd"
    session.commit()
    response = referent.get("/grands-projets/canal/export.csv")
    assert response.mimetype == "text/csv"
    assert f"canal-{clock.today().isoformat()}.csv" in response.headers["Content-Disposition"]
    text = response.get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert len(rows) == 2
    assert rows[0]["métier"] == "'=HYPERLINK(A1)"
    assert rows[0]["postes : source"] == "'+cmd"
    assert rows[0]["version de la liste"] == "essai-1"
    assert rows[0]["liste officielle"] == "non"
    assert rows[0]["compté le"] == clock.today().isoformat()
    assert (rows[0]["postes"], rows[0]["personnes prêtes"], rows[0]["écart"]) == ("12", "2", "10")
    assert rows[1]["postes cumulés"] == "20"


def test_the_fragment_is_what_the_page_holds(
    referent: CheckingClient, session: Session, works: Works
) -> None:
    session.commit()
    fragment = text_of(referent, "/grands-projets/canal", hx=True).strip()
    assert fragment.startswith('<div id="plan"')
    assert fragment in text_of(referent, "/grands-projets/canal")


def test_thirty_trades_ask_no_more_statements_than_one(
    referent: CheckingClient, make: Factory, session: Session, works: Works, database: Database
) -> None:
    session.commit()
    text_of(referent, "/grands-projets/canal")
    with count_queries(database.engine) as few:
        text_of(referent, "/grands-projets/canal")
    for number in range(30):
        occupation = make.occupation(f"Z{number:04d}", f"Métier {number}")
        make_trade(make, works.version, occupation=occupation, name=f"Métier {number}")
        session.refresh(works.version)
    session.commit()
    text_of(referent, "/grands-projets/canal")
    with count_queries(database.engine) as many:
        text_of(referent, "/grands-projets/canal")
    assert many.count == few.count
