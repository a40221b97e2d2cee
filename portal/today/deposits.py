"""What employers wrote by themselves and nobody has answered yet."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import and_
from sqlalchemy.orm import joinedload

from portal import clock
from portal.deposits.queries import may_read
from portal.models import EmployerNeed, EmployerNeedState
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task, working_days_after

_NEEDS = Source(EmployerNeed, shown=(joinedload(EmployerNeed.commune),))


def needs_to_call(desk: Desk) -> Queue:
    """A need is called back on the next working day."""
    return Queue(
        _NEEDS,
        and_(may_read(desk.actor), EmployerNeed.state == EmployerNeedState.RECEIVED),
        (EmployerNeed.created_at, EmployerNeed.id),
        one_by_one(_task),
        named(_("Besoins déposés")),
        url_for("deposits.index"),
    )


def _task(need: EmployerNeed) -> Task:
    return Task(
        due=working_days_after(need.created_at.astimezone(clock.PARIS).date(), 1),
        what=_("Appeler\u00a0: un employeur a déposé un besoin"),
        about=f"{need.trade}, {need.employer_name}, {need.commune.name}",
        href=url_for("deposits.show", public_id=need.public_id),
        action=_("Voir le besoin"),
    )
