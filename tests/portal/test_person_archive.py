"""A file closes once nobody counts on the person any more (INV-18)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    CohortState,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ExitReason,
    Immersion,
    ImmersionObject,
    ImmersionState,
    MembershipState,
    Person,
    TrainingSession,
)
from portal.people.queries.engagements import why_file_stays_open
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import Factory


@pytest.fixture
def hub(make: Factory) -> Hub:
    return Hub.build(make)


@pytest.fixture
def person(hub: Hub) -> Person:
    return hub.person()


def enrolment(
    hub: Hub, person: Person, state: EnrollmentState, training: TrainingSession
) -> Enrollment:
    row: Enrollment = hub.make.add(
        Enrollment(
            person=person,
            session=training,
            prescriber_id=hub.prescriber.organisation.id,
            state=state,
            rank=1 if state is EnrollmentState.WAITING else None,
            reason=EnrollmentReason.OTHER if state is EnrollmentState.CANCELLED else None,
        )
    )
    return row


def immersion(hub: Hub, person: Person, state: ImmersionState) -> Immersion:
    day = clock.today()
    row: Immersion = hub.make.add(
        Immersion(
            person=person,
            establishment=hub.make.establishment(),
            support_id=hub.prescriber.organisation.id,
            object=ImmersionObject.DISCOVER,
            objectives="Voir le métier",
            tasks="Aider l’équipe",
            schedule="8 h à 16 h",
            tutor_name="Responsable de chantier",
            start=day,
            end=day + timedelta(days=4),
            presence_days=5,
            weekly_hours=35,
            state=state,
        )
    )
    return row


Held = Callable[[Hub, Person], object]
HELD: dict[str, tuple[Held, str]] = {
    "a seat": (
        lambda hub, person: enrolment(
            hub, person, EnrollmentState.ADMITTED, hub.make.session_of_training()
        ),
        "fin du positionnement",
    ),
    "a rank": (
        lambda hub, person: enrolment(
            hub, person, EnrollmentState.WAITING, hub.make.session_of_training()
        ),
        "fin du positionnement",
    ),
    "a seat of a cohort": (
        lambda hub, person: hub.member(hub.cohort(), MembershipState.ADMITTED, person),
        "dans une cohorte",
    ),
    "a rank in a cohort": (
        lambda hub, person: hub.member(hub.cohort(), MembershipState.WAITING, person, rank=1),
        "dans une cohorte",
    ),
    "an immersion": (
        lambda hub, person: immersion(hub, person, ImmersionState.VALIDATED),
        "Une immersion est en cours",
    ),
}


@pytest.mark.parametrize(("reason", "objects"), [("objection", True), ("request", False)])
def test_an_objection_is_kept_as_one(
    client: CheckingClient,
    session: Session,
    hub: Hub,
    person: Person,
    reason: str,
    objects: bool,
) -> None:
    """RGPD, article 21: said on the page that closes the file, and told apart from other ends."""
    sign_in(client, session, hub.referent)
    address = f"/personnes/{person.public_id}/archiver"
    assert "s’oppose à l’usage de ses données" in client.get(address).get_data(as_text=True)
    assert client.post(address, data={"reason": reason}).status_code == 303
    session.refresh(person)
    assert person.archived_at is not None
    assert (person.objected_at is not None) is objects


@pytest.mark.parametrize("what", HELD)
def test_inv_18_a_file_that_holds_something_stays_open(
    client: CheckingClient, session: Session, hub: Hub, person: Person, what: str
) -> None:
    hold, said = HELD[what]
    hold(hub, person)
    sign_in(client, session, hub.referent)
    response = client.post(f"/personnes/{person.public_id}/archiver", data={"reason": "job"})
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    session.refresh(person)
    assert person.archived_at is None


def test_what_is_over_or_not_sent_yet_holds_nobody(
    session: Session, hub: Hub, person: Person
) -> None:
    trainings = [hub.make.session_of_training() for _ in range(3)]
    past = hub.make.session_of_training(starts_in=-90, lasts=30)
    enrolment(hub, person, EnrollmentState.PROPOSED, trainings[0])
    enrolment(hub, person, EnrollmentState.CANCELLED, trainings[1])
    enrolment(hub, person, EnrollmentState.ADMITTED, past)
    hub.member(hub.cohort(), MembershipState.HIRED, person)
    left = {
        "exit_reason": ExitReason.OTHER,
        "next_step": "Point",
        "next_step_owner_id": hub.prescriber.organisation.id,
    }
    hub.member(hub.cohort(), MembershipState.WITHDRAWN, person, **left)
    hub.member(
        hub.cohort(state=CohortState.CANCELLED, end_reason="people"), MembershipState.READY, person
    )
    immersion(hub, person, ImmersionState.CLOSED)
    assert why_file_stays_open(session, person) is None
