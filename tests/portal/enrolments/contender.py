"""A process that asks for seats: ``python -m … URL START_FILE ENROLMENT_ID…``.

Each positioning is admitted in a thread and a transaction of its own, all begun once the start
file is there. With ``hold`` in the place of the start file, the process admits the first one,
says so, and keeps its transaction open until it is killed.
"""

from __future__ import annotations

import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select

from portal.access.actor import Actor
from portal.db import Database
from portal.enrolments.actions import admit
from portal.models import Account, Enrollment


def admit_one(database: Database, enrolment_id: int) -> bool:
    """Admit in a transaction of its own; whether a seat was given."""
    with database.transaction() as session:
        enrolment = session.get_one(Enrollment, enrolment_id)
        account = session.scalars(select(Account).order_by(Account.id)).first()
        assert account is not None
        return admit(session, Actor(account, account.memberships[0]), enrolment=enrolment)


def contend(database: Database, start: Path, ids: list[int]) -> None:
    """Say ready, wait for the start, then ask for every seat at once."""
    print("ready", flush=True)
    while not start.exists():
        time.sleep(0.01)
    with ThreadPoolExecutor(len(ids)) as threads:
        given = list(threads.map(lambda one: admit_one(database, one), ids))
    print(sum(given), flush=True)


def hold(database: Database, enrolment_id: int) -> None:
    """Admit, flush, and never commit."""
    with database.transaction() as session:
        enrolment = session.get_one(Enrollment, enrolment_id)
        account = session.scalars(select(Account).order_by(Account.id)).first()
        assert account is not None
        admit(session, Actor(account, account.memberships[0]), enrolment=enrolment)
        print("holding", flush=True)
        time.sleep(600)


if __name__ == "__main__":
    where, what = Database(sys.argv[1]), sys.argv[2]
    wanted = [int(text) for text in sys.argv[3:]]
    if what == "hold":
        hold(where, wanted[0])
    else:
        contend(where, Path(what), wanted)
