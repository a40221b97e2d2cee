"""The calls of the day: those that are late first."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_
from sqlalchemy.orm import joinedload

from portal.calls.listing import CallLine, is_mine, lines_of, may_read
from portal.models import CallRequest
from portal.today.queues import Queue, Source, named
from portal.today.tasks import Desk, Task

_CALLS = Source(
    CallRequest,
    shown=(
        joinedload(CallRequest.person),
        joinedload(CallRequest.establishment),
        joinedload(CallRequest.contact),
    ),
)


def to_make(desk: Desk) -> Queue:
    """Who waits for a call of the actor, or of anybody of the structure."""
    return Queue(
        _CALLS,
        and_(may_read(desk.actor), is_mine(desk.actor), CallRequest.done_at.is_(None)),
        (CallRequest.due_on, CallRequest.asked_at, CallRequest.id),
        lambda rows: [_task(line) for line in lines_of(desk.session, desk.actor, rows)],
        named(_("Appels à faire")),
        url_for("calls.index"),
    )


def _task(line: CallLine) -> Task:
    row = line.row
    seen = row.person_id is not None and line.who is not None
    return Task(
        due=row.due_on,
        what=_("Appeler\u00a0: %(why)s", why=row.reason.label),
        about=line.who or _("Personne que vous ne suivez plus"),
        href=url_for("calls.index") + f"#appel-{row.public_id}",
        action=_("Appeler"),
        people=(row.person_id,) if seen and row.person_id is not None else (),
    )
