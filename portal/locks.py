"""One way to make writers of the same thing wait for each other, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal import clock


def lock_row(session: Session, row: Any) -> None:
    """Hold ``row`` (it has ``id`` and ``updated_at``) until the transaction ends.

    An UPDATE, not ``SELECT … FOR UPDATE``: SQLite has no row lock, and its writers wait for one
    another from their first write. Take it before any other write of the transaction and always
    on the parent (the session, the cohort), so that no two transactions wait for each other.
    ``row`` is read again; other rows read before the lock may be stale: query what the decision
    rests on after it, with ``execution_options(populate_existing=True)``.
    """
    kind = type(row)
    session.flush()
    session.execute(
        update(kind).where(kind.id == row.id).values(updated_at=clock.now()),
        execution_options={"synchronize_session": False},
    )
    session.refresh(row)
