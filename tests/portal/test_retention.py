"""What is forgotten of comings and goings, and when."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.jobs import retention
from portal.jobs.retention import forget_expired, load_delays
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
    monkeypatch.setattr(retention, "_AT_ONCE", 2)
    for deleted, left in ((2, 3), (1, 2), (0, 2)):
        with any_database.transaction() as session:
            assert forget_expired(session, clock.today()) == deleted
            assert len(_kept(session, AccessLog.endpoint)) == left
    with any_database.session() as session:
        assert _kept(session, AccessLog.endpoint) == {"read-1", "read-364"}


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
