"""A process that moves people of a cohort: ``python -m … URL WHAT START_FILE MEMBERSHIP_ID…``.

Each person is moved in a thread and a transaction of its own, all begun once the start file is
there: ``admit`` asks for a seat, ``try`` too and may be refused, ``leave`` notes an exit. With
``hold`` the process admits the first one, says so, and keeps its transaction open until it is
killed.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hubs.moves import Leaving, admit, move_membership
from portal.models import Account, CohortMembership, ExitReason, MembershipState, Role

Action = Callable[[Session, Actor, CohortMembership], bool]


def coordinator(session: Session) -> Actor:
    """The one hub's coordinator."""
    for account in session.scalars(select(Account).order_by(Account.id)):
        if account.memberships[0].role is Role.HUB:
            return Actor(account, account.memberships[0])
    raise LookupError("no coordinator")


def admit_one(session: Session, actor: Actor, row: CohortMembership) -> bool:
    """Ask for a seat; whether one was given."""
    return admit(session, actor, row) is MembershipState.ADMITTED


def try_one(session: Session, actor: Actor, row: CohortMembership) -> bool:
    """Ask for a seat that the session may refuse; whether one was given."""
    try:
        return admit_one(session, actor, row)
    except IllegalTransitionError:
        return False


def leave_one(session: Session, actor: Actor, row: CohortMembership) -> bool:
    """Note that the person gives up."""
    leaving = Leaving(ExitReason.JOB_FOUND, "Suivi dans l’emploi", actor.organisation)
    move_membership(session, actor, row, MembershipState.WITHDRAWN, leaving=leaving)
    return True


def one(database: Database, action: Action, membership_id: int) -> bool:
    """An action in a transaction of its own."""
    with database.transaction() as session:
        row = session.get_one(CohortMembership, membership_id)
        return action(session, coordinator(session), row)


def contend(database: Database, action: Action, start: Path, ids: list[int]) -> None:
    """Say ready, wait for the start, then do everything at once."""
    print("ready", flush=True)
    while not start.exists():
        time.sleep(0.01)
    with ThreadPoolExecutor(len(ids)) as threads:
        done = list(threads.map(lambda key: one(database, action, key), ids))
    print(sum(done), flush=True)


def hold(database: Database, membership_id: int) -> None:
    """Admit, flush, and never commit."""
    with database.transaction() as session:
        row = session.get_one(CohortMembership, membership_id)
        admit(session, coordinator(session), row)
        print("holding", flush=True)
        time.sleep(600)


if __name__ == "__main__":
    where, what = Database(sys.argv[1]), sys.argv[2]
    keys = [int(text) for text in sys.argv[4:]]
    if what == "hold":
        hold(where, keys[0])
    else:
        actions = {"admit": admit_one, "try": try_one, "leave": leave_one}
        contend(where, actions[what], Path(sys.argv[3]), keys)
