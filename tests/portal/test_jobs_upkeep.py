"""What the worker does by itself every hour."""

from __future__ import annotations

import os
import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.db import Database
from portal.imports.uploads import KEPT
from portal.jobs import worker
from portal.jobs.upkeep import Upkeep, run_tasks
from portal.models import AccountSession, OfferState
from tests.support.factories import Factory


def test_a_live_offer_past_its_date_becomes_to_confirm_once(
    make: Factory, session: Session, database: Database
) -> None:
    """T-OFF-03."""
    adviser = make.account()
    stale = make.offer(adviser, fresh_until=clock.today() - timedelta(days=1))
    fresh = make.offer(adviser)
    session.commit()
    first, second = run_tasks(database), run_tasks(database)
    session.refresh(stale)
    session.refresh(fresh)
    assert (stale.state, fresh.state) == (OfferState.TO_CONFIRM, OfferState.OPEN)
    assert first["portal.offers.freshness:expire_stale_offers"] == 1
    assert second["portal.offers.freshness:expire_stale_offers"] == 0


def test_sessions_ended_a_month_ago_are_forgotten_and_others_kept(
    make: Factory, session: Session, database: Database
) -> None:
    account = make.account()
    for age in (5, 40):
        make.add(
            AccountSession(
                token_hash=f"hash-{age}",
                account_id=account.id,
                expires_at=clock.now() - timedelta(days=age),
            )
        )
    session.commit()
    run_tasks(database)
    kept = session.scalars(select(AccountSession.token_hash)).all()
    assert kept == ["hash-5"]


def test_a_defect_of_one_task_stops_neither_the_others_nor_the_worker(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_session: Session, _today: date) -> int:
        raise LookupError("defect")

    name = "portal.invitations.reminding:plan_reminders"
    monkeypatch.setattr("portal.invitations.reminding.plan_reminders", broken)
    changed = run_tasks(database)
    assert name not in changed
    assert "portal.jobs.upkeep:forget_old_sessions" in changed


def test_a_file_left_behind_is_forgotten_though_nobody_brings_another(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that does nothing else empties the folder of what waits for two days."""
    names = {name: KEPT + timedelta(hours=late) for name, late in (("old", 1), ("young", -1))}
    settings.uploads.mkdir(parents=True)
    for name, age in names.items():
        path = settings.uploads / f"{name}.bin"
        path.write_bytes(b"people")
        os.utime(path, times=2 * ((clock.now() - age).timestamp(),))
    stop = threading.Event()
    monkeypatch.setattr(worker, "run_next", lambda *_: stop.set())
    worker.run_worker(database, settings, stop)
    assert [path.stem for path in settings.uploads.iterdir()] == ["young"]


def test_upkeep_runs_at_once_then_waits_an_hour(database: Database) -> None:
    upkeep = Upkeep(database)
    assert upkeep.run_if_due()
    assert not upkeep.run_if_due()
