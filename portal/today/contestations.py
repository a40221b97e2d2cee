"""What people who do not agree ask of the day: an answer within five working days (T-XPL-02)."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from portal.contestations.queries import is_waiting, may_answer
from portal.models import Contestation
from portal.today.tasks import Desk, Task, Theme

SHOWN = 5


def to_answer(desk: Desk) -> Theme:
    """Those of the structure that wait, the first due first."""
    condition = and_(may_answer(desk.actor), is_waiting())
    rows = desk.session.scalars(
        select(Contestation)
        .where(condition)
        .options(joinedload(Contestation.person))
        .order_by(Contestation.due_on, Contestation.id)
        .limit(SHOWN)
    ).all()
    what = _("Répondre à une personne qui n’est pas d’accord")
    tasks = [
        Task(
            due=row.due_on,
            what=what,
            about=f"{row.person.short_name}, {row.about}",
            href=url_for("contestations.show", public_id=row.public_id),
            action=_("Répondre"),
            people=(row.person_id,),
        )
        for row in rows
    ]
    count = desk.session.scalar(select(func.count(Contestation.id)).where(condition)) or 0
    return Theme(tasks, count, _("Désaccords"), url_for("contestations.index"))
