"""First days and meetings decided elsewhere: announced once, called off, no hour invented."""

from __future__ import annotations

from datetime import time, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.invitations import from_enrolments, from_immersions, from_introductions, rules
from portal.invitations.first_days import first_hour
from portal.models import (
    Account,
    Enrollment,
    EnrollmentState,
    Immersion,
    ImmersionObject,
    ImmersionState,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationKind,
    InvitationState,
    Role,
)
from tests.support.factories import Factory
from tests.support.inviting import actor_of, at, messages_of


@pytest.fixture(autouse=True)
def in_a_request(app: Flask) -> object:
    """Refusals are said in French."""
    with app.test_request_context():
        yield


@pytest.fixture
def referent(make: Factory) -> Account:
    """A referent."""
    return make.account(Role.REFERENT)


def only(session: Session) -> Invitation:
    """The one invitation there is."""
    return session.scalars(select(Invitation)).one()


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("8 h à 16 h", time(8)),
        ("Du lundi au vendredi, 07h30 - 15h", time(7, 30)),
        ("9:15", time(9, 15)),
        ("35 heures par semaine", None),
        ("de jour", None),
        (None, None),
    ],
)
def test_the_first_hour_of_a_schedule_is_read_or_unknown(
    text: str | None, hour: time | None
) -> None:
    assert first_hour(text) == hour


def test_an_immersion_is_announced_once_at_its_hour_and_called_off(
    make: Factory, session: Session, referent: Account
) -> None:
    actor, firm = actor_of(referent), make.establishment()
    row = make.add(
        Immersion(
            person_id=make.person(referent=referent, phone="0600000001").id,
            establishment_id=firm.id,
            prescriber_id=actor.organisation.id,
            support_id=actor.organisation.id,
            by_id=referent.id,
            state=ImmersionState.VALIDATED,
            object=ImmersionObject.DISCOVER,
            objectives="Voir si le métier convient",
            tasks="Niveler",
            start=clock.today() + timedelta(days=9),
            end=clock.today() + timedelta(days=20),
            presence_days=9,
            weekly_hours=35,
            schedule="7 h 30 à 15 h",
            tutor_name="Le chef d’équipe",
        )
    )
    for _ in range(2):
        from_immersions.invite(session, actor, row)
    invitation = only(session)
    assert (invitation.kind, invitation.starts_at) == (InvitationKind.IMMERSION, at(9, 7, 30))
    assert invitation.place == firm.name
    from_immersions.cancel(session, actor, row)
    assert invitation.state is InvitationState.CANCELLED
    assert [m.key.rpartition(":")[2] for m in messages_of(make, invitation)] == [
        "first",
        "cancelled",
    ]


def test_a_seat_in_a_training_is_announced_without_an_hour_nobody_said(
    make: Factory, session: Session, referent: Account
) -> None:
    actor, training = actor_of(referent), make.session_of_training(starts_in=9)
    row = make.add(
        Enrollment(
            person_id=make.person(referent=referent, phone="0600000001").id,
            session=training,
            prescriber_id=actor.organisation.id,
            by_id=referent.id,
            state=EnrollmentState.ADMITTED,
            agreed_at=clock.now(),
            agreed_channel="phone",
        )
    )
    from_enrolments.invite(session, actor, row)
    invitation = only(session)
    assert invitation.kind is InvitationKind.TRAINING
    assert not rules.has_hour(invitation.starts_at)
    from_enrolments.cancel(session, actor, row)
    assert invitation.state is InvitationState.CANCELLED


def test_another_day_with_the_employer_replaces_the_first_one(
    make: Factory, session: Session
) -> None:
    adviser = make.account(Role.ADVISER)
    offer = make.offer(adviser)
    row = make.add(
        Introduction(
            person_id=make.person(referent=adviser, phone="0600000001").id,
            offer_id=offer.id,
            organisation_id=offer.organisation_id,
            state=IntroductionState.MEETING,
            agreed_at=clock.now(),
            meeting_on=clock.today() + timedelta(days=5),
        )
    )
    from_introductions.invite(session, actor_of(adviser), row)
    row.meeting_on = clock.today() + timedelta(days=7)
    for _ in range(2):
        from_introductions.invite(session, actor_of(adviser), row)
    rows = session.scalars(select(Invitation).order_by(Invitation.id)).all()
    assert [(r.state, r.starts_at) for r in rows] == [
        (InvitationState.CANCELLED, at(5, 0)),
        (InvitationState.SENT, at(7, 0)),
    ]
