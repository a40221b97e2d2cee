"""The calls of the day: those that are late first."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from portal.calls.listing import CallLine, is_mine, lines_of, may_read
from portal.models import CallRequest
from portal.today.tasks import Desk, Task, Theme

SHOWN = 5


def to_make(desk: Desk) -> Theme:
    """Who waits for a call of the actor, or of anybody of the structure."""
    condition = and_(may_read(desk.actor), is_mine(desk.actor), CallRequest.done_at.is_(None))
    rows = desk.session.scalars(
        select(CallRequest)
        .where(condition)
        .options(
            joinedload(CallRequest.person),
            joinedload(CallRequest.establishment),
            joinedload(CallRequest.contact),
        )
        .order_by(CallRequest.due_on, CallRequest.asked_at, CallRequest.id)
        .limit(SHOWN)
    ).all()
    count = desk.session.scalar(select(func.count(CallRequest.id)).where(condition)) or 0
    tasks = [_task(line) for line in lines_of(desk.session, desk.actor, rows)]
    return Theme(tasks, count, _("Appels à faire"), url_for("calls.index"))


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
