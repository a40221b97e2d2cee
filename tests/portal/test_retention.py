"""What is forgotten of comings and goings, and when."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.jobs import retention, upkeep
from portal.jobs.retention import Pace, forget_expired, load_delays, load_pace
from portal.jobs.upkeep import run_tasks
from portal.models import (
    AccessKind,
    AccessLog,
    DoorPass,
    DoorSession,
    OneTimeCode,
    PassOutcome,
    ReceivedSms,
    SmsMeaning,
    TrustedDevice,
)
from tests.support.factories import Factory


def test_what_is_old_is_forgotten_once_and_what_is_recent_kept(any_database: Database) -> None:
    with any_database.transaction() as session:
        _fill(Factory(session))
    for deleted in (6, 0):
        with any_database.transaction() as session:
            assert forget_expired(session, clock.today()) == deleted
    with any_database.session() as session:
        assert _kept(session, DoorSession.digest) == {"ended-20", "over-20", "living"}
        assert _kept(session, OneTimeCode.digest) == {"code-5"}
        assert _kept(session, TrustedDevice.digest) == {"device-living"}
        assert _kept(session, DoorPass.address) == {"pass-300"}
        assert _kept(session, ReceivedSms.provider_ref) == {"sms-300"}


def test_the_access_log_is_kept_a_year(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        person = make.person(referent=make.account())
        for days in (1, 364, 367, 500, 900):
            then = clock.now() - timedelta(days=days)
            make.add(
                AccessLog(
                    at=then, person_id=person.id, kind=AccessKind.FILE, endpoint=f"read-{days}"
                )
            )
    monkeypatch.setattr(retention, "load_pace", lambda: Pace(rows=2, seconds=60))
    for deleted, left in ((2, 3), (1, 2), (0, 2)):
        with any_database.transaction() as session:
            assert forget_expired(session, clock.today()) == deleted
            assert len(_kept(session, AccessLog.endpoint)) == left
    with any_database.session() as session:
        assert _kept(session, AccessLog.endpoint) == {"read-1", "read-364"}


def fill_access_log(database: Database, old: int) -> None:
    with database.transaction() as session:
        make = Factory(session)
        person = make.person(referent=make.account())
        for days in [1] + [500] * old:
            then = clock.now() - timedelta(days=days)
            make.add(AccessLog(at=then, person_id=person.id, kind=AccessKind.FILE, endpoint="read"))


FORGET = "portal.jobs.retention:forget_expired"


def test_a_log_left_alone_for_long_is_emptied_in_one_turn_by_bounded_parts(
    any_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_access_log(any_database, old=7)
    monkeypatch.setattr(retention, "load_pace", lambda: Pace(rows=2, seconds=60))
    parts: list[int] = []
    real = retention.forget_expired
    monkeypatch.setattr(
        retention, "forget_expired", lambda *given: parts.append(real(*given)) or parts[-1]
    )
    assert run_tasks(any_database)[FORGET] == 7
    assert parts == [2, 2, 2, 1, 0]
    assert run_tasks(any_database)[FORGET] == 0


@pytest.mark.parametrize("stopped", [False, True], ids=["time is up", "told to stop"])
def test_the_rest_waits_for_the_next_hour(
    any_database: Database, monkeypatch: pytest.MonkeyPatch, stopped: bool
) -> None:
    fill_access_log(any_database, old=5)
    stop = threading.Event()
    if stopped:
        stop.set()
    pace = Pace(rows=2, seconds=60 if stopped else 0)
    for module in (retention, upkeep):
        monkeypatch.setattr(module, "load_pace", lambda: pace)
    assert [run_tasks(any_database, stop)[FORGET] for _ in range(4)] == [2, 2, 1, 0]


def test_the_pace_is_data() -> None:
    pace = load_pace()
    assert pace.rows > 0
    # Jobs and messages wait meanwhile.
    assert 0 < pace.seconds <= 300


def test_one_delay_is_in_force_for_each_kind_and_says_by_which_text() -> None:
    delays = [delay for delay in load_delays() if delay.holds_on(clock.today())]
    kinds = [delay.what for delay in delays]
    assert sorted(kinds) == sorted(set(kinds))
    assert all(delay.basis and delay.source for delay in delays)
    logs = next(delay for delay in delays if delay.what == "access_log")
    # The recommendation of the CNIL on logs: from six months to a year.
    assert timedelta(days=182) <= logs.kept <= timedelta(days=366)
    assert "2021-122" in logs.source
    assert not logs.holds_on(logs.valid_from - timedelta(days=1))


def _kept(session: Session, column: Any) -> set[str]:
    return set(session.scalars(select(column)))


def _fill(make: Factory) -> None:
    """Of each kind, one that is too old and one that is not."""
    person = make.person(referent=make.account())
    contact = make.contact(make.establishment())
    soon = clock.now() + timedelta(days=10)

    def visit(digest: str, **values: Any) -> None:
        make.add(DoorSession(digest=digest, person_id=person.id, idle_minutes=9, **values))

    visit("living", expires_at=soon)
    for days in (20, 40):
        then = clock.now() - timedelta(days=days)
        visit(f"ended-{days}", expires_at=soon, ended_at=then)
        visit(f"over-{days}", expires_at=then)
    for days in (5, 9):
        then = clock.now() - timedelta(days=days)
        make.add(OneTimeCode(digest=f"code-{days}", person_id=person.id, expires_at=then))
    for digest, then in (("living", soon), ("over", clock.now() - timedelta(days=2))):
        make.add(TrustedDevice(digest=f"device-{digest}", contact_id=contact.id, expires_at=then))
    for days in (300, 400):
        then = clock.now() - timedelta(days=days)
        make.add(DoorPass(at=then, outcome=PassOutcome.OPENED, address=f"pass-{days}"))
        make.add(
            ReceivedSms(
                provider_ref=f"sms-{days}",
                phone="0639980000",
                body="oui",
                received_at=then,
                meaning=SmsMeaning.YES,
            )
        )
