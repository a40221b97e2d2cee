"""People, a session and their positionings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal import clock
from portal.access.actor import Actor
from portal.models import Account, Enrollment, EnrollmentState, Person, Role, TrainingSession
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

Position = Callable[..., Enrollment]


def actor_of(account: Account) -> Actor:
    """The account in its one place."""
    return Actor(account, account.memberships[0])


def make_enrolment(
    make: Factory,
    referent: Account,
    training_session: TrainingSession,
    state: EnrollmentState = EnrollmentState.SELECTED,
    *,
    person: Person | None = None,
    **values: Any,
) -> Enrollment:
    """A positioning by the referent's structure, agreed unless it is too early for that."""
    if state not in (EnrollmentState.SUGGESTED, EnrollmentState.PROPOSED):
        values.setdefault("agreed_at", clock.now())
        values.setdefault("agreed_channel", "phone")
    row: Enrollment = make.add(
        Enrollment(
            person=person or make.person(referent=referent),
            session=training_session,
            prescriber_id=referent.memberships[0].organisation_id,
            by_id=referent.id,
            state=state,
            **values,
        )
    )
    return row


@pytest.fixture
def referent(make: Factory) -> Account:
    """A referent of Pas-de-Calais."""
    return make.account(Role.REFERENT)


@pytest.fixture
def position(make: Factory, referent: Account) -> Position:
    """Makes a positioning of the referent's."""

    def build(
        training_session: TrainingSession,
        state: EnrollmentState = EnrollmentState.SELECTED,
        **values: Any,
    ) -> Enrollment:
        return make_enrolment(make, referent, training_session, state, **values)

    return build


@pytest.fixture
def centre(make: Factory) -> Account:
    """Somebody of a training organisation."""
    return make.account(Role.TRAINING)


@pytest.fixture
def own_session(make: Factory, centre: Account) -> TrainingSession:
    """A session of that organisation."""
    make.skill("tp.niveler")
    make.credential_type("caces", "CACES R482")
    return make.session_of_training(
        organisation=centre.memberships[0].organisation,
        teaches={"tp.niveler": 2},
        delivers=("caces",),
    )


@pytest.fixture
def as_referent(client: CheckingClient, session: Session, referent: Account) -> CheckingClient:
    session.commit()
    return sign_in(client, session, referent)


def text_of(response: TestResponse) -> str:
    return response.get_data(as_text=True)


def signed(app: Flask, session: Session, account: Account) -> CheckingClient:
    return sign_in(client_for(app), session, account)
