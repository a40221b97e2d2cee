"""What people already hired ask of the day: news to take, difficulties to deal with."""

from __future__ import annotations

from collections.abc import Callable

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, or_
from sqlalchemy.orm import joinedload

from portal.access.actor import Actor
from portal.access.people import own_portfolio
from portal.access.roles import Capability
from portal.hires.queries import SOON, follow_up_is_alert, follow_up_is_open, may_follow
from portal.hires.views import step_title
from portal.models import FollowUpKind, FollowUpResult, Hire, JobFollowUp
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task

_HIRE = joinedload(JobFollowUp.hire)
_FOLLOW_UPS = Source(
    JobFollowUp,
    joins=(JobFollowUp.hire,),
    shown=(_HIRE.joinedload(Hire.person), _HIRE.joinedload(Hire.establishment)),
)
Teller = Callable[[JobFollowUp], str]


def difficulties(desk: Desk) -> Queue:
    """Somebody in difficulty, or gone: to deal with the very day, by the responsible structure."""
    condition = and_(follow_up_is_alert(), Hire.organisation_id == desk.actor.organisation.id)
    return _queue(
        desk, condition, _("Difficultés à traiter"), "alerts", what=_alert_text, action=_("Traiter")
    )


def news(desk: Desk) -> Queue:
    """News to take within the week, or late; one's own people, or those of the hub."""
    condition = and_(
        follow_up_is_open(),
        _mine(desk.actor),
        JobFollowUp.due <= desk.today + SOON,
        Hire.start <= desk.today,
    )
    return _queue(
        desk, condition, _("Nouvelles à prendre"), "due", what=_news_text, action=_("Appeler")
    )


def _mine(actor: Actor) -> ColumnElement[bool]:
    own = Hire.organisation_id == actor.organisation.id
    if not actor.can(Capability.PEOPLE_READ):
        return own
    followed = Hire.person.has(own_portfolio(actor))
    return or_(and_(own, Hire.recorded_by_id == actor.account.id), followed)


def _queue(
    desk: Desk,
    condition: ColumnElement[bool],
    label: str,
    view: str,
    *,
    what: Teller,
    action: str,
) -> Queue:
    return Queue(
        _FOLLOW_UPS,
        and_(may_follow(desk.actor), condition),
        (JobFollowUp.due, JobFollowUp.id),
        one_by_one(lambda row: _task(row, desk, what, action)),
        named(label),
        url_for("hires.index", vue=view),
    )


def _task(row: JobFollowUp, desk: Desk, tell: Teller, action: str) -> Task:
    named = desk.actor.can(Capability.PEOPLE_READ)
    person = row.hire.person
    return Task(
        due=row.done_on or row.due,
        what=tell(row),
        about=f"{person.full_name if named else person.short_name}, {row.hire.establishment.name}",
        href=url_for("hires.show", public_id=row.hire.public_id),
        action=action,
        people=(row.hire.person_id,),
    )


def _alert_text(row: JobFollowUp) -> str:
    if row.result is FollowUpResult.GONE:
        return str(_("N’est plus en poste\u00a0: chercher la suite"))
    return str(_("Difficulté dans l’emploi, à traiter"))


def _news_text(row: JobFollowUp) -> str:
    if row.kind is FollowUpKind.END_OF_SITE:
        return str(_("Préparer la suite\u00a0: le contrat se termine dans trois mois"))
    return str(_("Nouvelles %(when)s", when=step_title(row).lower()))
