"""What employers wrote by themselves and nobody has answered yet."""

from __future__ import annotations

from flask import url_for
from flask_babel import gettext as _

from portal import clock
from portal.deposits.queries import list_needs
from portal.models import EmployerNeedState
from portal.today.tasks import Desk, Task, Theme, working_days_after

SHOWN = 5


def needs_to_call(desk: Desk) -> Theme:
    """A need is called back on the next working day."""
    page = list_needs(desk.session, desk.actor, EmployerNeedState.RECEIVED, 1)
    tasks = [
        Task(
            due=working_days_after(need.created_at.astimezone(clock.PARIS).date(), 1),
            what=_("Appeler : un employeur a déposé un besoin"),
            about=f"{need.trade}, {need.employer_name}, {need.commune.name}",
            href=url_for("deposits.show", public_id=need.public_id),
            action=_("Voir le besoin"),
        )
        for need in page.rows[:SHOWN]
    ]
    return Theme(tasks, page.total, _("Besoins déposés"), url_for("deposits.index"))
