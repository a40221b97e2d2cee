"""The catalogue: what is listed, how it is narrowed, what is new, and whom a session helps."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    Account,
    InfoMeeting,
    Interest,
    ProgramOccupation,
    RecruitmentState,
    Role,
    TrainingSession,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import AMIENS, ARRAS, CAMBRAI, LENS, MARQUION, Factory
from tests.support.queries import count_queries


@pytest.fixture
def adviser(make: Factory) -> Account:
    return make.account(Role.ADVISER)


@pytest.fixture
def signed(client: CheckingClient, session: Session, adviser: Account) -> CheckingClient:
    return sign_in(client, session, adviser)


def text_of(client: CheckingClient, path: str, **options: object) -> str:
    response = client.get(path, **options)  # type: ignore[arg-type]
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def without_token(text: str) -> str:
    """The token is signed anew for each answer."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", text).strip()


def titles(text: str, *candidates: str) -> list[str]:
    return [title for title in candidates if f">{title}<" in text]


def prepares(make: Factory, row: TrainingSession, code: str, label: str) -> None:
    occupation = make.occupation(code, label)
    link = ProgramOccupation(rome_code=code, occupation_code=occupation.code)
    row.action.program.occupations.append(link)
    make.session.flush()


def test_an_empty_catalogue_says_what_will_appear(signed: CheckingClient) -> None:
    text = text_of(signed, "/formations")
    assert "Le catalogue est vide" in text
    assert "import du catalogue régional" in text


def test_sessions_follow_each_other_by_first_day_and_past_ones_are_left_out(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="Plus tard", starts_in=40)
    make.session_of_training(title="Bientôt", starts_in=5)
    make.session_of_training(title="Déjà finie", starts_in=-30)
    session.commit()
    text = text_of(signed, "/formations")
    assert text.index("Bientôt") < text.index("Plus tard")
    assert "Déjà finie" not in text


def test_a_line_says_organiser_hours_place_seats_and_when_it_was_seen(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    row = make.session_of_training(title="Voirie", seats_left=5)
    row.weekly_hours, row.action.program.certifying = 35.0, True
    session.commit()
    text = text_of(signed, "/formations")
    for part in ("Centre d’essai", "35", "h par semaine", "Arras", "5 places sur 12"):
        assert part in text, part
    assert "Certifiante" in text
    assert f"vu au catalogue le {clock.today():%d/%m/%Y}" in text


@pytest.mark.parametrize(
    ("recruitment", "left", "shown"),
    [
        (RecruitmentState.OPEN, None, "Places à demander"),
        (RecruitmentState.OPEN, 0, "Complet"),
        (RecruitmentState.FULL, 4, "Complet"),
        (RecruitmentState.CLOSED, 4, "Recrutement fermé"),
        (RecruitmentState.OPEN, 1, "1 place sur 12"),
    ],
)
def test_the_light_tells_the_seats_or_why_nobody_can_join(
    signed: CheckingClient,
    make: Factory,
    session: Session,
    recruitment: RecruitmentState,
    left: int | None,
    shown: str,
) -> None:
    make.session_of_training(seats_left=left).recruitment = recruitment
    session.commit()
    assert shown in text_of(signed, "/formations")


def test_with_seats_keeps_those_left_or_to_ask(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="Places libres", seats_left=2)
    make.session_of_training(title="Places inconnues", seats_left=None)
    make.session_of_training(title="Plus rien", seats_left=0)
    full = make.session_of_training(title="Dite complète", seats_left=3)
    full.recruitment = RecruitmentState.FULL
    session.commit()
    text = text_of(signed, "/formations?places=1")
    shown = titles(text, "Places libres", "Places inconnues", "Plus rien", "Dite complète")
    assert shown == ["Places libres", "Places inconnues"]


def test_the_trade_is_sought_in_titles_and_in_the_trades_prepared(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    by_trade = make.session_of_training(title="Titre professionnel niveau trois")
    prepares(make, by_trade, "H2913", "Soudeur")
    make.session_of_training(title="Initiation soudeur")
    make.session_of_training(title="Cuisine")
    session.commit()
    text = text_of(signed, "/formations?metier=soudeur")
    assert "Métier compris" in text
    assert "Titre professionnel niveau trois" in text
    assert "Initiation soudeur" in text
    assert "Cuisine" not in text
    assert "Titre professionnel" in text_of(signed, "/formations?metier=h2913")


def test_a_trade_that_the_words_may_mean_among_others_is_proposed_never_taken(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    for code, name in (("F1702", "Ouvrier de voirie"), ("F1703", "Ouvrier du bâtiment")):
        prepares(make, make.session_of_training(title=f"Titre {code}"), code, name)
    make.session_of_training(title="Ouvrier polyvalent")
    session.commit()
    text = text_of(signed, "/formations?metier=ouvrier")
    assert "Métier compris" not in text
    assert "Vouliez-vous dire" in text
    assert "Ouvrier du bâtiment" in text
    assert titles(text, "Ouvrier polyvalent", "Titre F1702") == ["Ouvrier polyvalent"]


def test_a_place_whose_code_is_that_of_another_is_told_with_both(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="À Lens", place=LENS)
    make.session_of_training(title="À Amiens", place=AMIENS)
    session.commit()
    text = text_of(signed, "/formations?lieu=Lens+80000")
    assert "Ou plutôt" in text
    assert "Amiens (80000)" in text


def test_a_place_keeps_what_is_within_the_radius_and_what_is_remote(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="Ici", place=ARRAS)
    make.session_of_training(title="À Lens", place=LENS)
    make.session_of_training(title="À Amiens", place=AMIENS)
    remote = make.session_of_training(title="De chez soi", place=AMIENS)
    remote.remote, remote.commune_code = True, None
    session.commit()
    text = text_of(signed, "/formations?lieu=Arras&rayon=20")
    assert titles(text, "Ici", "À Lens", "À Amiens", "De chez soi") == [
        "Ici",
        "À Lens",
        "De chez soi",
    ]
    assert "sur place" in text
    assert "à 16 km" in text
    far = text_of(signed, "/formations?lieu=Arras&rayon=100")
    assert titles(far, "À Amiens") == ["À Amiens"]


def test_a_place_that_is_not_known_narrows_nothing_and_says_so(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="Voirie")
    session.commit()
    text = text_of(signed, "/formations?lieu=Nullepart")
    assert "Aucune commune ne s’écrit" in text
    assert "Voirie" in text


def test_the_first_day_is_between_the_days_asked(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    for days in (5, 15, 25):
        make.session_of_training(title=f"Dans {days} jours", starts_in=days)
    session.commit()
    start = clock.today() + timedelta(days=15)
    text = text_of(signed, f"/formations?du={start.isoformat()}&au={start.isoformat()}")
    assert titles(text, "Dans 5 jours", "Dans 15 jours", "Dans 25 jours") == ["Dans 15 jours"]


@pytest.mark.parametrize(
    "address",
    [
        "?du=hier&au=0001-01-01&rayon=-3&page=zut",
        "?page=999999999999&places=oui&nouveau=2",
        "?metier=%25_%27%22&lieu=%3Cscript%3E",
        "?metier=" + "x" * 500,
        "?lieu=62000&rayon=10",
    ],
)
def test_strange_addresses_narrow_nothing_and_break_nothing(
    signed: CheckingClient, make: Factory, session: Session, address: str
) -> None:
    make.session_of_training(title="Voirie")
    session.commit()
    assert "<script>" not in text_of(signed, f"/formations{address}").replace("<script src", "")


def test_new_is_thirty_days_at_first_then_since_the_last_visit(
    signed: CheckingClient, make: Factory, session: Session, adviser: Account
) -> None:
    old = make.session_of_training(title="Connue depuis longtemps")
    old.first_seen_at = clock.now() - timedelta(days=40)
    recent = make.session_of_training(title="Arrivée la semaine dernière")
    recent.first_seen_at = clock.now() - timedelta(days=7)
    session.commit()
    text = text_of(signed, "/formations?nouveau=1")
    assert "Arrivée la semaine dernière" in text
    assert "Connue depuis longtemps" not in text
    assert "1 session nouvelle" in text

    response = signed.post("/formations/vues")
    assert (response.status_code, response.location) == (303, "/formations")
    session.refresh(adviser)
    assert adviser.catalogue_seen_at is not None
    text = text_of(signed, "/formations?nouveau=1")
    assert "Arrivée la semaine dernière" not in text
    assert "J’ai vu les nouveautés" not in text


class Portfolio:
    """A person of a référent whose list holds a job that asks what a session teaches."""

    def __init__(self, make: Factory) -> None:
        self.make = make
        self.referent = make.account(Role.REFERENT)
        skill = make.core_skill(make.occupation(), "tp.niveler")
        self.offer = make.offer(make.account(Role.ADVISER), start_wanted=self.day(60))
        self.offer.start_latest = self.day(90)
        make.requires(self.offer, skill)
        self.person = make.person(
            referent=self.referent,
            place=MARQUION,
            modes="car",
            first_name="Farida",
            last_name="Vauquelin",
        )
        make.knows(self.person, skill, 0)
        make.add(
            Interest(person_id=self.person.id, occupation_code=make.occupation().code, liking=1)
        )
        self.useful = make.session_of_training(
            title="Niveler", teaches={skill.code: 2}, place=MARQUION
        )
        self.other = make.session_of_training(title="Cuisine", place=MARQUION)

    @staticmethod
    def day(ahead: int):
        return clock.today() + timedelta(days=ahead)


def test_a_session_says_how_many_people_of_ones_portfolio_it_brings_nearer(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    scene = Portfolio(make)
    sign_in(client, session, scene.referent)
    text = text_of(client, "/formations")
    assert "1 personne de votre portefeuille correspond" in text
    assert "Farida" not in text, "a count in a list names nobody"
    assert session.scalars(select(AccessLog)).all() == []
    only = text_of(client, "/formations?portefeuille=1")
    assert titles(only, "Niveler", "Cuisine") == ["Niveler"]


def test_the_page_of_a_session_names_them_and_logs_the_reading(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    scene = Portfolio(make)
    sign_in(client, session, scene.referent)
    text = text_of(client, f"/formations/{scene.useful.public_id}")
    assert "Farida V." in text
    assert "Vauquelin" not in text
    assert "Inviter les personnes cochées" in text
    assert f'value="{scene.person.public_id}" checked' in text
    (entry,) = session.scalars(select(AccessLog)).all()
    assert (entry.person_id, entry.kind) == (scene.person.id, AccessKind.LIST)


def test_those_who_follow_nobody_see_no_one(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    scene = Portfolio(make)
    sign_in(client, session, make.account(Role.PILOT_DEPARTEMENT))
    listed = text_of(client, "/formations?portefeuille=1")
    assert "portefeuille correspond" not in listed
    assert titles(listed, "Niveler", "Cuisine") == ["Niveler", "Cuisine"]
    assert "Farida" not in text_of(client, f"/formations/{scene.useful.public_id}")


def test_a_colleague_does_not_see_the_people_of_another(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    scene = Portfolio(make)
    colleague = make.account(Role.REFERENT, scene.referent.memberships[0].organisation)
    sign_in(client, session, colleague)
    assert "Farida" not in text_of(client, f"/formations/{scene.useful.public_id}")


def test_the_page_says_all_that_the_catalogue_knows(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    skill = make.skill("tp.niveler", label="Niveler un sol")
    licence = make.credential_type("aipr", "AIPR opérateur")
    row = make.session_of_training(
        title="Voirie", teaches={skill.code: 2}, delivers=(licence.code,), place=CAMBRAI
    )
    row.action.prerequisites_text = "Savoir lire"
    row.action.contact_phone = "03 21 00 00 99"
    row.info_meetings.append(InfoMeeting(on=row.start, start_hour="09:30", capacity=16))
    session.commit()
    text = text_of(signed, f"/formations/{row.public_id}")
    for part in ("Niveler un sol", "saisi", "AIPR opérateur", "Savoir lire", "03 21 00 00 99"):
        assert part in text, part
    assert "Cambrai (59400)" in text
    assert "9\u00a0h\u00a030" in text
    assert "Corriger" not in text


def test_an_unknown_session_is_not_found(signed: CheckingClient) -> None:
    assert signed.get("/formations/inconnue").status_code == 404


def test_the_fragment_is_what_the_page_holds(
    signed: CheckingClient, make: Factory, session: Session
) -> None:
    make.session_of_training(title="Voirie")
    session.commit()
    address = "/formations?metier=voirie&places=1"
    fragment = without_token(text_of(signed, address, hx=True))
    assert fragment.startswith('<div id="catalogue"')
    assert fragment in without_token(text_of(signed, address))


def test_a_thousand_sessions_are_paged_in_as_many_statements_as_two(
    signed: CheckingClient, make: Factory, session: Session, database: Database
) -> None:
    first = make.session_of_training(title="Voirie")
    session.commit()
    text_of(signed, "/formations?lieu=Arras")
    with count_queries(database.engine) as few:
        text_of(signed, "/formations?lieu=Arras")
    session.add_all(
        TrainingSession(
            action_id=first.action_id,
            external_ref=f"N{number}",
            start=first.start,
            end=first.end,
            commune_code=first.commune_code,
            seats_left=1,
        )
        for number in range(1_000)
    )
    session.commit()
    text_of(signed, "/formations?lieu=Arras")
    with count_queries(database.engine) as many:
        text = text_of(signed, "/formations?lieu=Arras&page=41")
    assert many.count == few.count
    assert "1001 à 1001 sur 1001" in text


def test_a_training_organisation_finds_its_own_sessions_first(
    client: CheckingClient, make: Factory, session: Session
) -> None:
    account = make.account(Role.TRAINING)
    own = account.memberships[0].organisation
    make.session_of_training(title="Chez les autres", starts_in=2)
    make.session_of_training(title="Chez nous", starts_in=50, organisation=own)
    cancelled = make.session_of_training(title="Chez nous, annulée", organisation=own)
    cancelled.recruitment = RecruitmentState.CANCELLED
    hidden = make.session_of_training(title="Annulée ailleurs")
    hidden.recruitment = RecruitmentState.CANCELLED
    sign_in(client, session, account)
    text = text_of(client, "/formations")
    assert text.index("Chez nous<") < text.index("Chez les autres")
    assert "Session annulée" in text
    assert "Annulée ailleurs" not in text
