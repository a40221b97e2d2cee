"""One way to make writers of the same thing wait for each other, on both databases."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, CursorResult, update
from sqlalchemy.orm import Session


def hold_row(session: Session, row: Any, *still: ColumnElement[bool]) -> bool:
    """Lock ``row`` until the transaction ends; whether it is there, as the conditions say.

    An UPDATE that changes nothing, not ``SELECT … FOR UPDATE``: SQLite has no row lock, and its
    writers wait for one another from their first write. Take it before any other write of the
    transaction and always on the parent (the session, the cohort), so that no two transactions
    wait for each other. What was read before may be stale: :func:`lock_row` reads the row again.
    """
    table = type(row)
    kept = {column: getattr(table, column) for column in ("id", "updated_at")}
    held = session.execute(
        update(table).where(table.id == row.id, *still).values(kept),
        execution_options={"synchronize_session": False},
    )
    assert isinstance(held, CursorResult)
    return bool(held.rowcount)


def lock_row(session: Session, row: Any) -> None:
    """Hold ``row``, and read it again.

    Other rows read before may be stale: query what the decision rests on after it, with
    ``execution_options(populate_existing=True)``.
    """
    session.flush()
    hold_row(session, row)
    session.refresh(row)
