"""The log of the doors: what was presented and what came of it, refusals included.

An opening is written with what it opens. A refusal answers an error, whose transaction is rolled
back: it is gathered, and written in one of its own before the answer leaves.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Flask, Response, g, request
from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from portal import clock
from portal.accounts.throttle import network_of
from portal.db import Database
from portal.models import DoorLink, DoorPass, EmployerContact, PassOutcome, Person
from portal.web.session import database

#: Unknown links of one caller that are kept in an hour: a robot must not fill the table.
_UNKNOWN_KEPT = 50


def caller() -> str:
    """Who asks, as far as the network tells."""
    return network_of(request.remote_addr or "")


def record_pass(
    session: Session,
    outcome: PassOutcome,
    *,
    link: DoorLink | None = None,
    bearer: Person | EmployerContact | None = None,
) -> None:
    """Write what came of a presentation, in the transaction of the request."""
    session.execute(insert(DoorPass).values(_values(outcome, link, bearer)))


def note_refusal(
    outcome: PassOutcome,
    *,
    link: DoorLink | None = None,
    bearer: Person | EmployerContact | None = None,
) -> None:
    """Gather a refusal; it is written even though the answer is an error."""
    g.setdefault("door_refusals", []).append(_values(outcome, link, bearer))


def _values(
    outcome: PassOutcome, link: DoorLink | None, bearer: Person | EmployerContact | None
) -> dict[str, Any]:
    person_id, contact_id = (link.person_id, link.contact_id) if link else (None, None)
    if isinstance(bearer, Person):
        person_id = bearer.id
    elif bearer is not None:
        contact_id = bearer.id
    return {
        "at": clock.now(),
        "outcome": outcome,
        "link_id": link.id if link else None,
        "person_id": person_id,
        "contact_id": contact_id,
        "address": caller(),
    }


def _write(db: Database, rows: list[dict[str, Any]]) -> None:
    with db.transaction() as session:
        kept = [row for row in rows if not _is_flood(session, row)]
        if kept:
            session.execute(insert(DoorPass), kept)


def _is_flood(session: Session, row: dict[str, Any]) -> bool:
    if row["outcome"] is not PassOutcome.UNKNOWN:
        return False
    since = row["at"] - timedelta(hours=1)
    seen = session.scalar(
        select(func.count(DoorPass.id)).where(
            DoorPass.outcome == PassOutcome.UNKNOWN,
            DoorPass.address == row["address"],
            DoorPass.at > since,
        )
    )
    return (seen or 0) >= _UNKNOWN_KEPT


def _finish(response: Response) -> Response:
    rows = g.pop("door_refusals", [])
    if rows:
        _write(database(), rows)
    return response


def init_app(app: Flask) -> None:
    """Write refusals once the request's own transaction is settled."""
    app.after_request(_finish)
