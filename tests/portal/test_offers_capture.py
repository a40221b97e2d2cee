"""Capturing an offer during a call: saved field by field, proposed, checked, opened."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Confidentiality,
    DomainEvent,
    Establishment,
    JobOffer,
    OccupationSkill,
    OfferRequirement,
    OfferState,
    RequirementKind,
    Role,
)
from portal.text import fold
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import MARQUION, Factory

SIRET = "73282932000074"


@pytest.fixture
def adviser(client: CheckingClient, make: Factory) -> Account:
    """A signed-in adviser, a trade with its skills, and two communes."""
    account = make.account(Role.ADVISER)
    occupation = make.occupation("F1705", "Canalisateur")
    make.core_skill(occupation, "tp.poser", label="Poser une canalisation")
    make.core_skill(occupation, "tp.blinder", label="Blinder une tranchée")
    make.credential_type("aipr_op", "AIPR opérateur")
    make.commune(MARQUION)
    make.commune()
    sign_in(client, make.session, account)
    return account


@pytest.fixture
def draft(adviser: Account, client: CheckingClient, session: Session) -> JobOffer:
    """A draft just begun."""
    response = client.post("/offres/nouvelle")
    assert response.status_code == 303
    return session.scalars(select(JobOffer)).one()


def save(client: CheckingClient, offer: JobOffer, name: str, value: str) -> str:
    """Save one field as HTMX does, and give the answer."""
    url = f"/offres/{offer.public_id}/champ/{name}"
    response = client.post(url, data={name: value}, hx=True)
    assert response.status_code in (200, 204)
    return response.get_data(as_text=True)


def reload(session: Session, offer: JobOffer) -> JobOffer:
    """The offer as stored now."""
    session.expire_all()
    found = session.get(JobOffer, offer.id)
    assert found is not None
    return found


def complete(client: CheckingClient, offer: JobOffer, **changes: str) -> None:
    """The answers of a short call."""
    day = clock.today() + timedelta(days=30)
    answers = {
        "title": "Canalisateur",
        "posts": "2",
        "place": "Marquion",
        "start_wanted": day.isoformat(),
        "contract": "cdd",
        "employer": "Réseaux du Marquion",
        "requirement:skill:tp.poser": "day_one",
        "confidentiality": "partners_masked",
        "share_consent_by": "la gérante",
    } | changes
    for name, value in answers.items():
        save(client, offer, name, value)


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


def test_a_discriminating_text_waits_until_it_is_reworded_or_justified(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    answer = save(client, draft, "description", "jeune homme dynamique")
    assert "(âge)" in answer
    assert "(sexe)" in answer
    assert "L1142-1" in answer
    assert reload(session, draft).description is None
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={}, follow_redirects=True)
    assert "À reformuler ou à justifier" in response.get_data(as_text=True)
    assert reload(session, draft).state is OfferState.DRAFT
    url = f"/offres/{draft.public_id}/justifier"
    client.post(url, data={"wording_reason": "non"})
    assert reload(session, draft).description is None
    client.post(url, data={"wording_reason": "Rôle d’acteur pour un film de commande"})
    offer = reload(session, draft)
    assert offer.description == "jeune homme dynamique"
    assert offer.wording_reason == "Rôle d’acteur pour un film de commande"


def test_rewording_is_enough(client: CheckingClient, draft: JobOffer, session: Session) -> None:
    save(client, draft, "description", "jeune homme dynamique")
    save(client, draft, "description", "personne dynamique")
    offer = reload(session, draft)
    assert (offer.description, offer.typed) == ("personne dynamique", {})


def test_the_pool_is_recounted_at_each_toggle(
    client: CheckingClient, draft: JobOffer, make: Factory, adviser: Account, session: Session
) -> None:
    person = make.person(referent=adviser, modes="car", place=MARQUION)
    make.knows(person, make.skill("tp.poser"), 0)
    session.commit()
    complete(client, draft)
    answer = save(client, draft, "requirement:skill:tp.poser", "desired")
    assert "<strong>1</strong> Prêt" in answer
    answer = save(client, draft, "requirement:skill:tp.poser", "day_one")
    assert 'id="vivier"' in answer
    assert "Sans « Poser une canalisation »" in answer


def test_a_complete_offer_opens_and_is_shared_at_once(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={})
    assert response.location == f"/offres/{draft.public_id}"
    offer = reload(session, draft)
    assert offer.state is OfferState.OPEN
    assert offer.shared_at is not None
    assert offer.qualified_at is not None
    assert offer.establishment is not None
    assert offer.establishment.name == "Réseaux du Marquion"
    assert offer.fresh_until == clock.today() + timedelta(days=21)
    events = session.scalars(select(DomainEvent.name).order_by(DomainEvent.id)).all()
    assert events == ["captured", "qualified", "opened"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"requirement:skill:tp.poser": ""}, "Au moins un prérequis"),
        ({"place": "Zzzz"}, "Le lieu de travail est à choisir"),
        ({"contract": ""}, "Le contrat est à choisir"),
        ({"share_consent_by": ""}, "accepte que l’offre soit partagée"),
        ({"confidentiality": "adviser_only", "share_consent_by": ""}, "dites pourquoi"),
        ({"employer": ""}, "L’entreprise est à retrouver"),
    ],
)
def test_what_is_missing_keeps_the_offer_a_draft(
    client: CheckingClient, draft: JobOffer, session: Session, changes: dict[str, str], message: str
) -> None:
    complete(client, draft, **changes)
    response = client.post(f"/offres/{draft.public_id}/qualifier", data={}, follow_redirects=True)
    assert message in response.get_data(as_text=True)
    assert reload(session, draft).state is OfferState.DRAFT


def test_an_offer_kept_by_its_adviser_with_a_reason_opens_unshared(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft, confidentiality="adviser_only", share_consent_by="")
    save(client, draft, "confidentiality_reason", "Remplacement encore secret dans l’entreprise")
    client.post(f"/offres/{draft.public_id}/qualifier", data={})
    offer = reload(session, draft)
    assert (offer.state, offer.shared_at) == (OfferState.OPEN, None)


def test_an_open_offer_stays_whole_when_it_is_changed(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    client.post(f"/offres/{draft.public_id}/qualifier", data={})
    for name, value in (
        ("requirement:skill:tp.poser", ""),
        ("place", ""),
        ("share_consent_by", ""),
        ("contract", ""),
        ("title", ""),
    ):
        save(client, draft, name, value)
        offer = reload(session, draft)
        assert offer.commune_code == MARQUION[0]
        assert offer.contract is not None
        assert offer.share_consent_at is not None
        assert offer.occupation_code == "F1705"
        assert len(offer.requirements) == 1
    save(client, draft, "posts", "5")
    assert reload(session, draft).posts == 5
    assert session.scalar(select(DomainEvent).where(DomainEvent.name == "offer_edited"))


def test_another_platform_s_draft_does_not_exist(
    client: CheckingClient, draft: JobOffer, make: Factory, session: Session
) -> None:
    stranger = make.account(Role.ADVISER)
    sign_in(client, session, stranger)
    base = f"/offres/{draft.public_id}"
    assert client.get(base).status_code == 404
    assert client.get(f"{base}/saisie").status_code == 404
    assert client.post(f"{base}/champ/posts", data={"posts": "4"}).status_code == 404
    assert client.post(f"{base}/qualifier", data={}).status_code == 404


@pytest.mark.parametrize("role", [Role.REFERENT, Role.HUB, Role.EMPLOYER, Role.PILOT_REGION])
def test_only_advisers_capture(client: CheckingClient, make: Factory, role: Role) -> None:
    sign_in(client, make.session, make.account(role))
    assert client.get("/offres/nouvelle").status_code == 403
    assert client.post("/offres/nouvelle").status_code == 403


def test_the_consent_is_dated(client: CheckingClient, draft: JobOffer, session: Session) -> None:
    save(client, draft, "share_consent_by", "la gérante")
    assert reload(session, draft).share_consent_at is not None
    day = clock.today() - timedelta(days=2)
    save(client, draft, "share_consent_on", day.isoformat())
    stored = reload(session, draft).share_consent_at
    assert stored is not None
    assert stored.astimezone(clock.PARIS).date() == day
    save(client, draft, "share_consent_by", "")
    assert reload(session, draft).share_consent_at is None


def test_drafts_are_listed_until_they_open(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "title", "Canalisateur")
    assert "Canalisateur" in client.get("/offres/?vue=drafts").get_data(as_text=True)
    assert "Canalisateur" in client.get("/offres/nouvelle").get_data(as_text=True)


def test_confidentiality_is_a_closed_list(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    save(client, draft, "confidentiality", Confidentiality.PUBLIC.value)
    save(client, draft, "confidentiality", "secret")
    assert reload(session, draft).confidentiality is Confidentiality.PUBLIC


def test_saving_a_draft_does_not_rebuild_what_lists_are_made_from(
    client: CheckingClient, draft: JobOffer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.matchmaking.world import WorldCache, current_world

    before = current_world(session)
    monkeypatch.delattr(WorldCache, "_build")
    save(client, draft, "posts", "4")
    save(client, draft, "title", "Canalisateur")
    save(client, draft, "requirement:skill:tp.poser", "day_one")
    session.rollback()
    after = current_world(session)
    assert after.index.offers.offers == before.index.offers.offers


def test_an_offer_no_longer_kept_is_shared_from_that_moment(
    client: CheckingClient, draft: JobOffer, make: Factory, session: Session, app: Flask
) -> None:
    complete(client, draft, confidentiality="adviser_only", confidentiality_reason="à sa demande")
    client.post(f"/offres/{draft.public_id}/qualifier")
    assert reload(session, draft).shared_at is None
    partner = sign_in(client_for(app), session, make.account(Role.REFERENT))
    address = f"/offres/{draft.public_id}"
    assert partner.get(address).status_code == 404
    save(client, draft, "share_consent_by", "la gérante")
    save(client, draft, "confidentiality", "partners_named")
    assert reload(session, draft).shared_at is not None
    assert partner.get(address).status_code == 200


def test_an_offer_without_a_word_typed_takes_the_name_of_its_trade(
    client: CheckingClient, draft: JobOffer, session: Session
) -> None:
    complete(client, draft)
    save(client, draft, "title", "")
    save(client, draft, "occupation_code", "F1705")
    client.post(f"/offres/{draft.public_id}/qualifier")
    offer = reload(session, draft)
    assert (offer.state, offer.title) == (OfferState.OPEN, "Canalisateur")
