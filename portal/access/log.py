"""The access log: every read of a named person, and every refusal (INV-17, T-SEC-03).

Reads are gathered during the request and written in a transaction of their own before the
response leaves, so a page that shows a person cannot be served unlogged, a GET still cannot
write anything else, and a refused request (rolled back) is logged too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import g, request
from sqlalchemy import insert

from portal.access.actor import Actor
from portal.db import Database
from portal.models.journal import AccessKind, AccessLog


def log_read(
    actor: Actor | None, person_ids: Iterable[int], kind: AccessKind, context: str | None = None
) -> None:
    """Note that the actor was shown data of these people; without one, ``context`` says who."""
    for person_id in person_ids:
        _pending().append(_entry(actor, person_id, kind, context))


def log_refusal(actor: Actor, person_id: int | None, context: str | None = None) -> None:
    """Note that the actor asked for a file it may not open."""
    _pending().append(_entry(actor, person_id, AccessKind.REFUSED, context))


def write_pending(database: Database) -> None:
    """Write what the request gathered, in one statement, before the response leaves."""
    entries = g.pop("access_entries", [])
    if entries:
        with database.transaction() as session:
            session.execute(insert(AccessLog), entries)


def _pending() -> list[dict[str, Any]]:
    if "access_entries" not in g:
        g.access_entries = []
    entries: list[dict[str, Any]] = g.access_entries
    return entries


def _entry(
    actor: Actor | None, person_id: int | None, kind: AccessKind, context: str | None
) -> dict[str, Any]:
    return {
        "account_id": actor.account.id if actor else None,
        "organisation_id": actor.organisation.id if actor else None,
        "person_id": person_id,
        "kind": kind,
        "endpoint": request.endpoint or "",
        "context": context,
    }
