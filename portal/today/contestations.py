"""What people who do not agree ask of the day: an answer within five working days (T-XPL-02)."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_
from sqlalchemy.orm import joinedload

from portal.access.naming import shown_name
from portal.contestations.queries import is_waiting, may_answer
from portal.models import Contestation
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task

_CONTESTATIONS = Source(Contestation, shown=(joinedload(Contestation.person),))


def to_answer(desk: Desk) -> Queue:
    """Those of the structure that wait, the first due first."""
    return Queue(
        _CONTESTATIONS,
        and_(may_answer(desk.actor), is_waiting()),
        (Contestation.due_on, Contestation.id),
        one_by_one(_task),
        named(_("Désaccords")),
        url_for("contestations.index"),
    )


def _task(row: Contestation) -> Task:
    return Task(
        due=row.due_on,
        what=_("Répondre à un désaccord"),
        about=f"{shown_name(row.person)}, {row.about}",
        href=url_for("contestations.show", public_id=row.public_id),
        action=_("Répondre"),
        people=() if row.person.is_gone else (row.person_id,),
    )
