"""What positionings ask of « Ma journée », and who reads which reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.jobs.upkeep import TASKS
from portal.models import (
    Account,
    EnrollmentReason,
    EnrollmentState,
    RecruitmentState,
    Role,
    TrainingSession,
)
from tests.portal.enrolments.conftest import Position
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory

_S = EnrollmentState
HOLD = "Une place est gardée 48 heures"
Page = Callable[..., str]
ENTRY = "Déclarer l’entrée en formation"


@pytest.fixture
def begun(make: Factory, centre: Account) -> TrainingSession:
    """A session that began ten days ago."""
    row = make.session_of_training(organisation=centre.memberships[0].organisation, lasts=90)
    row.start = clock.today() - timedelta(days=10)
    make.session.flush()
    return row


@pytest.fixture
def page(app: Flask, session: Session) -> Page:
    """What an account reads at an address, signed in once."""
    clients: dict[int, CheckingClient] = {}

    def read(account: Account, address: str = "/") -> str:
        session.commit()
        if account.id not in clients:
            clients[account.id] = sign_in(client_for(app), session, account)
        return clients[account.id].get(address).get_data(as_text=True)

    return read


def test_the_referent_is_told_of_the_seat_kept_for_their_person(  # T-ENR-04
    page: Page, make: Factory, position: Position, referent: Account
) -> None:
    position(make.session_of_training(), hold_until=clock.now() + timedelta(hours=40))
    assert HOLD in page(referent)
    assert HOLD not in page(make.account(Role.REFERENT))


def test_holds_that_end_pass_on_without_anybody_asking() -> None:
    assert "portal.enrolments.seats:pass_expired_holds" in TASKS


def test_an_entry_to_declare_is_asked_of_who_declares_it(
    page: Page,
    session: Session,
    make: Factory,
    position: Position,
    referent: Account,
    centre: Account,
    begun: TrainingSession,
) -> None:
    row = position(begun, _S.ADMITTED)
    assert ENTRY in page(centre)
    assert ENTRY not in page(referent)
    board = page(centre, f"/formations/{begun.public_id}/positionnements")
    assert "Entrée à déclarer" in board
    centre.active = False
    session.flush()
    assert ENTRY in page(referent)
    assert row.state is _S.ADMITTED


def test_a_personal_reason_is_read_by_those_who_follow_the_person_alone(
    page: Page,
    session: Session,
    position: Position,
    referent: Account,
    centre: Account,
    begun: TrainingSession,
) -> None:
    row = position(begun, _S.DROPPED, entered_on=begun.start, reason=EnrollmentReason.HEALTH_FAMILY)
    session.commit()
    address = f"/positionnements/{row.public_id}"
    board = f"/formations/{begun.public_id}/positionnements"
    assert "santé ou famille" in page(referent, address)
    for account, where in (
        (centre, address),
        (centre, board),
        (centre, "/positionnements/export.csv"),
        (referent, board),
    ):
        assert "santé" not in page(account, where)


def test_a_session_cancelled_in_the_catalogue_is_a_task_and_is_said_on_its_pages(
    page: Page, make: Factory, position: Position, referent: Account
) -> None:
    row = make.session_of_training()
    kept = position(row, _S.ADMITTED)
    position(make.session_of_training(), _S.ADMITTED)
    assert "Session annulée" not in page(referent)
    row.recruitment = RecruitmentState.CANCELLED
    assert page(referent).count("Session annulée") == 1
    assert "Session annulée" not in page(make.account(Role.REFERENT))
    for address in (
        f"/positionnements/{kept.public_id}",
        f"/formations/{row.public_id}/positionnements",
    ):
        assert "annulée au catalogue" in page(referent, address)
    kept.state, kept.reason = _S.CANCELLED, EnrollmentReason.SESSION_CANCELLED
    assert "Session annulée" not in page(referent)
