"""Capturing an offer during a call: saved field by field, proposed, checked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Establishment,
    JobOffer,
    OccupationSkill,
    OfferRequirement,
    RequirementKind,
)
from portal.text import fold
from tests.portal.offers_capture.support import reload, save
from tests.support.client import CheckingClient
from tests.support.factories import MARQUION, Factory

SIRET, OTHER_SIRET = "73282932000074", "44306184100047"


def test_a_closed_tab_loses_nothing(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "title", "Canalisateur")
    save(client, draft, "posts", "2")
    save(client, draft, "start_hour", "7 h")
    answer = save(client, draft, "description", "Pose de réseaux au bord du canal")
    assert "enregistré à" in answer
    page = client.get(f"/offres/{draft.public_id}/saisie").get_data(as_text=True)
    assert 'value="Canalisateur"' in page
    assert "Pose de réseaux au bord du canal" in page
    offer = reload(session, draft)
    assert (offer.posts, offer.start_hour, offer.occupation_code) == (2, "07:00", "F1705")


def test_a_title_typed_while_listening_takes_its_capital_and_is_left_in_peace(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "title", "canalisateur")
    assert reload(session, draft).title == "Canalisateur"
    assert save(client, draft, "title", "canalisateur ") == "", "leaving the field moves nothing"


def test_what_is_not_understood_is_kept_with_the_reason(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    answer = save(client, draft, "start_wanted", "2020-01-01")
    assert "Cette date est passée." in answer
    page = client.get(f"/offres/{draft.public_id}/saisie").get_data(as_text=True)
    assert 'value="2020-01-01"' in page
    assert "Cette date est passée." in page
    assert reload(session, draft).start_wanted is None
    save(client, draft, "start_wanted", (clock.today() + timedelta(days=3)).isoformat())
    offer = reload(session, draft)
    assert offer.typed == {}
    assert offer.start_latest == offer.start_wanted + timedelta(days=30)  # type: ignore[operator]


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("posts", "0", "entre 1 et 99"),
        ("posts", "", "ne peut pas rester vide"),
        ("posts", "deux", "Un nombre entier"),
        ("start_hour", "25h", "Une heure comme"),
        ("weekly_hours", "90", "entre 1 et 48"),
        ("contract", "cdz", "dans la liste"),
        ("fresh_until", "2020-01-01", "passée"),
        ("fresh_until", "2999-01-01", "Trois mois"),
        ("max_introductions", "99", "entre 1 et 20"),
        ("employer", "732 829 320 0007", "14 chiffres"),
        ("employer", "73282932000075", "un chiffre est faux"),
        ("employer", "73282932000074", "Ajoutez le nom"),
        ("place", "Zzzzville", "Aucune commune"),
        ("occupation_code", "X9999", "métier dans la liste"),
        ("tutor_available", "peut-être", "dans la liste"),
        ("requirement:skill:inconnue", "day_one", "référentiel"),
        ("requirement:skill:tp.poser", "demain", "dans la liste"),
        ("title", "x" * 121, "120 caractères"),
    ],
)
def test_a_wrong_answer_is_explained_in_french(
    client: CheckingClient, draft: JobOffer, name: str, value: str, message: str
) -> None:
    assert message in save(client, draft, name, value)


def test_a_field_that_did_not_change_moves_nothing(client: CheckingClient, draft: JobOffer) -> None:
    assert save(client, draft, "title", "Canalisateur") != ""
    assert save(client, draft, "title", "Canalisateur") == ""


def test_an_unknown_field_is_not_found(client: CheckingClient, draft: JobOffer) -> None:
    url = f"/offres/{draft.public_id}/champ/organisation_id"
    assert client.post(url, data={"organisation_id": "1"}, hx=True).status_code == 404


def test_the_form_without_scripts_saves_everything_and_says_what_waits(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    response = client.post(
        f"/offres/{draft.public_id}/saisie",
        data={"title": "Canalisateur", "posts": "3", "place": "Marq", "start_hour": "26 h"},
        follow_redirects=True,
    )
    page = response.get_data(as_text=True)
    assert "Choisissez la commune dans la liste." in page
    assert "Une heure comme" in page
    offer = reload(session, draft)
    assert (offer.posts, offer.occupation_code, offer.commune_code) == (3, "F1705", None)
    client.post(
        f"/offres/{draft.public_id}/saisie",
        data={"title": "Canalisateur", "place": "Marq", "commune_code": MARQUION[0]},
    )
    assert reload(session, draft).commune_code == MARQUION[0]


def test_a_field_filled_by_another_one_is_not_emptied_by_the_same_form(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    day = clock.today() + timedelta(days=10)
    client.post(
        f"/offres/{draft.public_id}/saisie",
        data={"start_wanted": day.isoformat(), "start_latest": ""},
    )
    assert reload(session, draft).start_latest == day + timedelta(days=30)


def test_the_trade_proposes_its_requirements_and_only_the_law_is_asked_at_once(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    from portal.models import OccupationCredential

    make.add(
        OccupationCredential(
            occupation_code="F1705", credential_code="aipr_op", usual_kind="regulatory"
        )
    )
    session.commit()
    answer = save(client, draft, "title", "Canalisateur")
    assert "Poser une canalisation" in answer
    rows = session.scalars(select(OfferRequirement)).all()
    assert [(row.credential_code, row.kind) for row in rows] == [
        ("aipr_op", RequirementKind.REGULATORY)
    ]
    client.post(f"/offres/{draft.public_id}/prerequis-habituels", hx=True)
    assert session.scalar(select(func.count(OfferRequirement.id))) == 3


def test_the_trade_proposes_few_things_and_keeps_its_other_gestures_behind_a_door(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    trade = make.occupation("F1705")
    for number in range(7):
        make.core_skill(trade, f"tp.geste_{number}", label=f"Geste numéro {number}")
    for link in session.scalars(
        select(OccupationSkill).where(OccupationSkill.skill_code.startswith("tp.geste"))
    ):
        link.usual_kind = "day_one" if link.skill_code == "tp.geste_6" else "on_the_job"
    session.commit()
    answer = save(client, draft, "title", "Canalisateur")
    assert "Voir les autres gestes du métier" in answer
    client.post(f"/offres/{draft.public_id}/prerequis-habituels", hx=True)
    taken = session.scalars(select(OfferRequirement)).all()
    assert "tp.geste_6" in {row.skill_code for row in taken}
    assert len([row for row in taken if row.kind is RequirementKind.ON_THE_JOB]) == 4
    page = client.get(f"/offres/{draft.public_id}/saisie").get_data(as_text=True)
    assert "Geste numéro 5" in page
    assert "Reprendre ce que le métier" not in page


def test_a_requirement_is_classed_then_taken_away(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "title", "Canalisateur")
    save(client, draft, "requirement:skill:tp.poser", "day_one")
    save(client, draft, "level:skill:tp.poser", "3")
    row = session.scalars(select(OfferRequirement)).one()
    assert (row.kind, row.level) == (RequirementKind.DAY_ONE, 3)
    save(client, draft, "requirement:skill:tp.poser", "")
    assert session.scalar(select(func.count(OfferRequirement.id))) == 0


def test_a_requirement_is_added_in_plain_words(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    answer = save(client, draft, "other_requirement", "poser des canalisations")
    assert "Poser une canalisation" in answer
    client.post(
        f"/offres/{draft.public_id}/champ/requirement:skill:tp.poser?ajout=1",
        data={"requirement:skill:tp.poser": "day_one"},
        hx=True,
    )
    assert session.scalars(select(OfferRequirement)).one().skill_code == "tp.poser"


def test_the_same_employer_is_never_created_twice(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    known = make.establishment(name="SARL Réseaux du Marquion")
    session.commit()
    answer = save(client, draft, "employer", "Reseaux de Marquion")
    assert "SARL Réseaux du Marquion" in answer
    save(client, draft, "employer", "Réseaux du Marquion")
    assert reload(session, draft).establishment_id == known.id
    answer = save(client, draft, "establishment", "new")
    assert "existe déjà ici" in answer
    assert session.scalar(select(func.count(Establishment.id))) == 1


def test_a_new_employer_is_created_with_its_siret_on_request(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    answer = save(client, draft, "employer", f"Réseaux Neufs {SIRET}")
    assert "Nouvelle entreprise" in answer
    assert session.scalar(select(func.count(Establishment.id))) == 0
    save(client, draft, "establishment", "new")
    row = session.scalars(select(Establishment)).one()
    assert (row.name, row.siret, row.search_name) == ("Réseaux Neufs", SIRET, fold(row.name))
    assert reload(session, draft).establishment_id == row.id


def test_a_siret_typed_is_kept_by_the_employer_picked_that_had_none(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    known = make.establishment(name="SARL Dubois", siret=None)
    session.commit()
    assert "SARL Dubois" in save(client, draft, "employer", f"Dubois {SIRET}")
    save(client, draft, "establishment", known.public_id)
    assert reload(session, draft).establishment_id == known.id
    assert known.siret == SIRET


def test_an_employer_of_another_siret_is_not_picked_before_the_number_typed_is_settled(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    known = make.establishment(name="SARL Dubois", siret=OTHER_SIRET)
    session.commit()
    save(client, draft, "employer", f"Dubois {SIRET}")
    answer = save(client, draft, "establishment", known.public_id)
    assert "n’est pas celui de cette entreprise" in answer
    assert reload(session, draft).establishment_id is None
    assert SIRET in client.get(f"/offres/{draft.public_id}/saisie").text
    # The number taken away, the firm is the one of that name, and nothing waits any more.
    assert "n’est pas celui" not in save(client, draft, "employer", "Dubois")
    assert reload(session, draft).establishment_id == known.id
    assert not draft.typed
    assert known.siret == OTHER_SIRET


def test_a_number_that_cannot_be_read_waits_whatever_is_picked(
    client: CheckingClient, draft: JobOffer, session: Session, make: Factory
) -> None:
    known = make.establishment(name="SARL Dubois")
    session.commit()
    save(client, draft, "employer", "Dubois 732 829 320 0007")
    save(client, draft, "establishment", known.public_id)
    assert "732 829 320 0007" in client.get(f"/offres/{draft.public_id}/saisie").text
    assert reload(session, draft).establishment_id is None


def test_an_open_offer_may_go_to_another_firm_by_its_siret(
    client: CheckingClient, adviser: Account, session: Session, make: Factory
) -> None:
    known = make.establishment(name="SARL Dubois", siret=OTHER_SIRET)
    offer = make.offer(adviser, establishment=known, share_consent_by="la gérante")
    make.requires(offer, make.skill("tp.regler"))
    session.commit()
    assert "Nouvelle entreprise" in save(client, offer, "employer", f"Dubois {SIRET}")
    save(client, offer, "establishment", "new")
    made = reload(session, offer).establishment
    assert made is not None
    assert made.siret == SIRET
