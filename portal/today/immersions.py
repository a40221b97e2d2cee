"""What immersions ask of the day: validate, have signed, ask the tutor how it went."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import joinedload

from portal.immersions.queries import is_to_assess, may_host, may_manage, may_prescribe
from portal.immersions.rules import assessment_due
from portal.immersions.states import SIGNING_STATES
from portal.models import Immersion, ImmersionState
from portal.today.tasks import Desk, Task, Theme

SHOWN = 5
_SOON = timedelta(days=21)


def to_validate(desk: Desk) -> Theme:
    """Requests whose signatures are all there: only the prescriber can say yes."""
    condition = and_(may_prescribe(desk.actor), Immersion.state == ImmersionState.IN_VALIDATION)
    return _theme(
        desk,
        condition,
        due=lambda row: row.start - timedelta(days=2),
        what=_("Valider une immersion"),
        action=_("Décider"),
        view="validate",
    )


def to_sign(desk: Desk) -> Theme:
    """Conventions that wait for a signature, and begin soon."""
    condition = and_(
        may_manage(desk.actor),
        Immersion.state.in_(SIGNING_STATES),
        Immersion.start <= desk.today + _SOON,
    )
    return _theme(
        desk,
        condition,
        due=lambda row: row.start - timedelta(days=7),
        what=_("Faire signer une convention d’immersion"),
        action=_("Noter"),
        view="sign",
    )


def to_assess(desk: Desk) -> Theme:
    """Immersions that are over: the tutor's two minutes (J+7)."""
    condition = and_(may_manage(desk.actor), is_to_assess(desk.today))
    return _theme(
        desk,
        condition,
        due=lambda row: assessment_due(row.end),
        what=_("Demander le bilan de l’immersion au tuteur"),
        action=_("Noter le bilan"),
        view="assess",
    )


def hosted_to_assess(desk: Desk) -> Theme:
    """The employer's own: those received, and not assessed yet."""
    condition = and_(may_host(desk.actor), is_to_assess(desk.today))
    theme = _theme(
        desk,
        condition,
        due=lambda row: assessment_due(row.end),
        what=_("Dire comment s’est passée l’immersion"),
        action=_("Donner le bilan"),
        endpoint="employers.assess",
    )
    return Theme(theme.tasks, theme.count, _("Immersions"), url_for("employers.hosts"))


def _theme(
    desk: Desk,
    condition: ColumnElement[bool],
    *,
    due: Callable[[Immersion], date],
    what: str,
    action: str,
    view: str = "open",
    endpoint: str = "immersions.show",
) -> Theme:
    rows = desk.session.scalars(
        select(Immersion)
        .where(condition)
        .options(joinedload(Immersion.person), joinedload(Immersion.establishment))
        .order_by(Immersion.start, Immersion.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=due(row),
            what=what,
            about=f"{row.person.short_name}, {row.establishment.name}",
            href=url_for(endpoint, public_id=row.public_id),
            action=action,
            people=(row.person_id,),
        )
        for row in rows
    ]
    count = desk.session.scalar(select(func.count(Immersion.id)).where(condition)) or 0
    return Theme(tasks, count, what, url_for("immersions.index", vue=view))
