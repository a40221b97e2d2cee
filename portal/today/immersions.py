"""What immersions ask of the day: validate, have signed, ask the tutor how it went."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import joinedload

from portal.immersions.queries import is_to_assess, may_host, may_manage, may_prescribe
from portal.immersions.rules import assessment_due
from portal.immersions.states import SIGNING_STATES
from portal.models import Immersion, ImmersionState
from portal.today.queues import Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task

_SOON = timedelta(days=21)
_IMMERSIONS = Source(
    Immersion, shown=(joinedload(Immersion.person), joinedload(Immersion.establishment))
)


def to_validate(desk: Desk) -> Queue:
    """Requests whose signatures are all there: only the prescriber can say yes."""
    condition = and_(may_prescribe(desk.actor), Immersion.state == ImmersionState.IN_VALIDATION)
    return _queue(
        condition,
        due=lambda row: row.start - timedelta(days=2),
        what=_("Valider une immersion"),
        action=_("Décider"),
        view="validate",
    )


def to_sign(desk: Desk) -> Queue:
    """Conventions that wait for a signature, and begin soon."""
    condition = and_(
        may_manage(desk.actor),
        Immersion.state.in_(SIGNING_STATES),
        Immersion.start <= desk.today + _SOON,
    )
    return _queue(
        condition,
        due=lambda row: row.start - timedelta(days=7),
        what=_("Faire signer une convention d’immersion"),
        action=_("Noter"),
        view="sign",
    )


def to_assess(desk: Desk) -> Queue:
    """Immersions that are over: the tutor's two minutes (J+7)."""
    condition = and_(may_manage(desk.actor), is_to_assess(desk.today))
    return _queue(
        condition,
        due=lambda row: assessment_due(row.end),
        what=_("Demander le bilan de l’immersion au tuteur"),
        action=_("Noter le bilan"),
        view="assess",
    )


def hosted_to_assess(desk: Desk) -> Queue:
    """The employer's own: those received, and not assessed yet."""
    condition = and_(may_host(desk.actor), is_to_assess(desk.today))
    queue = _queue(
        condition,
        due=lambda row: assessment_due(row.end),
        what=_("Dire comment s’est passée l’immersion"),
        action=_("Donner le bilan"),
        endpoint="employers.assess",
    )
    return replace(queue, label=named(_("Immersions")), href=url_for("employers.hosts"))


def _queue(
    condition: ColumnElement[bool],
    *,
    due: Callable[[Immersion], date],
    what: str,
    action: str,
    view: str = "open",
    endpoint: str = "immersions.show",
) -> Queue:
    def tell(row: Immersion) -> Task:
        return Task(
            due=due(row),
            what=what,
            about=f"{row.person.short_name}, {row.establishment.name}",
            href=url_for(endpoint, public_id=row.public_id),
            action=action,
            people=(row.person_id,),
        )

    return Queue(
        _IMMERSIONS,
        condition,
        (Immersion.start, Immersion.id),
        one_by_one(tell),
        named(what),
        url_for("immersions.index", vue=view),
    )
