"""Correcting a session: by whom, what stays, and what is refused."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.imports.lheo_sessions import session_facts
from portal.models import (
    Account,
    DomainEvent,
    FactOrigin,
    RecruitmentState,
    Role,
    SessionSkill,
    TrainingSession,
)
from portal.trainings.rules import Taken, can_hold
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory


@pytest.fixture
def hub(client: CheckingClient, make: Factory, session: Session) -> CheckingClient:
    return sign_in(client, session, make.account(Role.HUB))


@pytest.fixture
def row(make: Factory, session: Session) -> TrainingSession:
    make.skill("tp.niveler", label="Niveler un sol")
    make.skill("tp.compacter", label="Compacter une couche")
    make.credential_type("caces_r482_a", "CACES R482 A")
    found = make.session_of_training(title="Voirie", teaches={"tp.niveler": 2})
    found.skills[0].origin = FactOrigin.DEDUCED_OCCUPATION
    session.commit()
    return found


def post(client: CheckingClient, row: TrainingSession, what: str, **data: str):
    return client.post(f"/formations/{row.public_id}/corriger/{what}", data=data)


def test_what_is_typed_is_resolved_to_skills_and_credentials(
    hub: CheckingClient, row: TrainingSession
) -> None:
    text = hub.get(f"/formations/{row.public_id}/corriger?texte=compacter").get_data(as_text=True)
    assert 'value="skill:tp.compacter"' in text
    text = hub.get(f"/formations/{row.public_id}/corriger?texte=CACES R482 A").text
    assert 'value="credential:caces_r482_a"' in text
    text = hub.get(f"/formations/{row.public_id}/corriger?texte=zzzzzz").text
    assert "Rien ne ressemble" in text


def test_an_added_skill_is_entered_marks_the_session_and_is_an_event(
    hub: CheckingClient, session: Session, row: TrainingSession
) -> None:
    response = post(hub, row, "ajout", item="skill:tp.compacter", taken="taught", level="3")
    assert response.status_code == 303
    assert "Compacter une couche" in hub.get(response.location).text
    session.expire_all()
    added = next(item for item in row.skills if item.skill_code == "tp.compacter")
    assert (added.level, added.origin, row.corrected) == (3, FactOrigin.ENTERED, True)
    (event,) = session.scalars(select(DomainEvent)).all()
    assert (event.name, event.reason, event.subject_id) == ("session_corrected", "added", row.id)
    assert event.details["code"] == "tp.compacter"
    page = hub.get(f"/formations/{row.public_id}").text
    assert "Corrigée ici" in page


def test_a_level_corrected_says_what_stood_before(
    hub: CheckingClient, session: Session, row: TrainingSession
) -> None:
    post(hub, row, "ajout", item="skill:tp.niveler", taken="taught", level="1")
    session.expire_all()
    (skill,) = row.skills
    assert (skill.level, skill.origin) == (1, FactOrigin.ENTERED)
    assert session.scalars(select(DomainEvent)).one().details["before"] == 2


@pytest.mark.parametrize(
    ("item", "taken"),
    [
        ("credential:caces_r482_a", "delivered"),
        ("credential:caces_r482_a", "required"),
        ("skill:tp.compacter", "required"),
        ("skill:tp.compacter", "taught"),
    ],
)
def test_an_item_added_twice_stands_once_and_can_be_removed(
    hub: CheckingClient, session: Session, row: TrainingSession, item: str, taken: str
) -> None:
    def standing() -> list[str]:
        session.expire_all()
        found = {
            "taught": [s.skill_code for s in row.skills],
            "delivered": [c.credential_code for c in row.credentials],
            "required": [p.skill_code or p.credential_code for p in row.prerequisites],
        }
        return found[taken]

    code = item.partition(":")[2]
    for _ in range(2):
        assert post(hub, row, "ajout", item=item, taken=taken, level="1").status_code == 303
    assert standing().count(code) == 1
    assert post(hub, row, "retrait", taken=taken, code=code).status_code == 303
    assert code not in standing()
    assert row.corrected


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({}, "Choisissez une compétence ou une habilitation."),
        ({"item": "skill:tp.compacter"}, "Dites ce que c’est pour cette session."),
        ({"item": "skill:inconnue", "taken": "taught"}, "dans la liste proposée"),
        ({"item": "autre:tp.compacter", "taken": "taught"}, "dans la liste proposée"),
        ({"item": "skill:tp.compacter", "taken": "delivered"}, "Seule une habilitation"),
        ({"item": "credential:caces_r482_a", "taken": "taught"}, "Seule une compétence"),
        ({"item": "skill:tp.compacter", "taken": "taught", "level": "9"}, "Niveau"),
    ],
)
def test_what_cannot_stand_is_refused_in_french_and_changes_nothing(
    hub: CheckingClient, session: Session, row: TrainingSession, data: dict[str, str], said: str
) -> None:
    response = post(hub, row, "ajout", **data)
    assert response.status_code == 422
    assert said in response.text
    session.expire_all()
    assert len(row.skills) == 1
    assert not row.corrected


def test_removing_what_is_not_there_is_refused(hub: CheckingClient, row: TrainingSession) -> None:
    assert post(hub, row, "retrait", taken="taught", code="tp.compacter").status_code == 400
    assert post(hub, row, "retrait", taken="zut", code="tp.niveler").status_code == 400


def test_seats_and_recruitment_are_corrected(
    hub: CheckingClient, session: Session, row: TrainingSession
) -> None:
    assert (
        post(hub, row, "places", recruitment="open", seats="14", seats_left="").status_code == 303
    )
    session.expire_all()
    assert (row.seats, row.seats_left, row.corrected) == (14, None, True)
    assert (
        post(hub, row, "places", recruitment="full", seats="14", seats_left="3").status_code == 303
    )
    session.expire_all()
    assert (row.recruitment, row.seats_left) == (RecruitmentState.FULL, 0)
    first, _second = session.scalars(select(DomainEvent).order_by(DomainEvent.id)).all()
    assert first.details["before"] == {"recruitment": "open", "seats": 12, "seats_left": 5}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"recruitment": "open", "seats": "4", "seats_left": "5"}, "plus de places"),
        ({"recruitment": "open", "seats_left": "-1"}, "de 0 à 999"),
        ({"recruitment": "open", "seats": "0"}, "de 1 à 999"),
        ({"recruitment": "peut-être"}, "Recrutement"),
        ({"seats_left": "2"}, "Dites où en est le recrutement."),
    ],
)
def test_impossible_seats_are_refused(
    hub: CheckingClient, session: Session, row: TrainingSession, data: dict[str, str], said: str
) -> None:
    response = post(hub, row, "places", **data)
    assert response.status_code == 422
    assert said in response.text
    session.expire_all()
    assert (row.seats_left, row.corrected) == (5, False)


def test_the_page_with_errors_is_the_fragment_for_htmx(
    hub: CheckingClient, row: TrainingSession
) -> None:
    address = f"/formations/{row.public_id}/corriger/places"
    response = hub.post(address, data={"seats_left": "-1"}, hx=True)
    assert response.status_code == 422
    assert response.text.strip().startswith('<div id="correction"')
    done = hub.post(address, data={"recruitment": "open", "seats_left": "2"}, hx=True)
    assert done.status_code == 200
    assert done.headers["X-Announce"]


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.ADVISER, 403),
        (Role.REFERENT, 403),
        (Role.PILOT_REGION, 403),
        (Role.TRAINING, 404),
        (Role.ADMIN, 200),
    ],
)
def test_only_those_in_charge_correct(
    client: CheckingClient,
    make: Factory,
    session: Session,
    row: TrainingSession,
    role: Role,
    status: int,
) -> None:
    sign_in(client, session, make.account(role))
    assert client.get(f"/formations/{row.public_id}/corriger").status_code == status
    if status != 200:
        data = {"recruitment": "full"}
        response = client.post(f"/formations/{row.public_id}/corriger/places", data=data)
        assert response.status_code == status
        assert ">Corriger<" not in client.get(f"/formations/{row.public_id}").text


def training_account(make: Factory) -> Account:
    account = make.account(Role.TRAINING)
    account.memberships[0].organisation.siret = "00000000000017"
    return account


def test_a_training_organisation_corrects_its_own_sessions_even_known_by_siret(
    client: CheckingClient, make: Factory, session: Session, row: TrainingSession
) -> None:
    account = training_account(make)
    row.action.organiser_siret = "00000000000017"
    own = make.session_of_training(organisation=account.memberships[0].organisation)
    sign_in(client, session, account)
    for session_row in (row, own):
        response = post(client, session_row, "places", recruitment="open", seats_left="1")
        assert response.status_code == 303
    assert ">Corriger<" in client.get(f"/formations/{row.public_id}").text


def test_an_import_leaves_a_corrected_state_of_recruitment_and_follows_the_others(
    hub: CheckingClient, session: Session, row: TrainingSession
) -> None:
    def after_import() -> object:
        session.expire_all()
        said = SimpleNamespace(
            start=row.start,
            end=row.end,
            remote=False,
            recruitment=RecruitmentState.OPEN,
            weekly_hours=None,
            meetings=(),
            certifying=False,
            credentials=(),
            prerequisites=(),
        )
        facts = session_facts(said, row, commune=None, skills=(), known_credentials=())
        return facts.columns["recruitment"]

    row.recruitment = RecruitmentState.UNKNOWN
    session.commit()
    post(hub, row, "places", recruitment="unknown", seats_left="3")
    assert after_import() is RecruitmentState.OPEN
    post(hub, row, "places", recruitment="cancelled")
    assert after_import() is RecruitmentState.CANCELLED


def test_skills_are_taught_or_asked_and_credentials_delivered_or_asked() -> None:
    allowed = {
        (taken, kind)
        for taken in Taken
        for kind in ("skill", "credential", "")
        if can_hold(taken, kind)
    }
    assert allowed == {
        (Taken.TAUGHT, "skill"),
        (Taken.REQUIRED, "skill"),
        (Taken.DELIVERED, "credential"),
        (Taken.REQUIRED, "credential"),
    }


def test_a_correction_reaches_the_suggestions_at_once(
    hub: CheckingClient, session: Session, row: TrainingSession
) -> None:
    before = session.scalar(select(SessionSkill.updated_at))
    post(hub, row, "ajout", item="skill:tp.niveler", taken="taught", level="3")
    session.expire_all()
    after = session.scalar(select(SessionSkill.updated_at))
    assert before is not None
    assert after is not None
    assert after > before
