"""What the firm answers about a person: one tap, kept with who gave it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import record_call
from portal.employers.visiting import author_details
from portal.introductions import actions
from portal.models import CallReason, Introduction, IntroductionState, OutcomeReason
from portal.today.tasks import working_days_after
from portal.web.doorstep import EmployerVisitor
from portal.web.filters import date_long

_S = IntroductionState
PROPOSED_DAYS = 3


def meeting_days(today: date) -> list[date]:
    """The next working days, from which one taps."""
    return [working_days_after(today, count) for count in range(1, PROPOSED_DAYS + 1)]


def record_seen(
    session: Session, visitor: EmployerVisitor, *, introductions: Iterable[Introduction]
) -> None:
    """The cards were on the screen of somebody of the firm."""
    for row in introductions:
        actions.record_seen(
            session, visitor.actor, introduction=row, details=author_details(visitor)
        )


def record_meeting(
    session: Session, visitor: EmployerVisitor, *, introduction: Introduction, on: date
) -> None:
    """« Je rencontre »: the day is proposed, and the adviser settles it with the person."""
    _note_seen(session, visitor, introduction)
    actions.record_meeting(
        session, visitor.actor, introduction=introduction, on=on, details=author_details(visitor)
    )
    note = _(
        "%(who)s propose de rencontrer %(name)s le %(day)s.",
        who=visitor.name,
        name=introduction.person.full_name,
        day=date_long(on),
    )
    ask_adviser(session, visitor, introduction, CallReason.MEETING, note)


def record_refusal(
    session: Session,
    visitor: EmployerVisitor,
    *,
    introduction: Introduction,
    reason: OutcomeReason,
) -> None:
    """« Pas maintenant, parce que… »: a reason of the closed list."""
    _note_seen(session, visitor, introduction)
    actions.record_refusal(
        session,
        visitor.actor,
        introduction=introduction,
        reason=reason,
        details=author_details(visitor),
    )


def record_test(session: Session, visitor: EmployerVisitor, *, introduction: Introduction) -> None:
    """« Je teste »: asked; the person has not been asked yet."""
    if introduction.state is _S.IMMERSION:
        raise IllegalTransitionError(_("Ce test est déjà demandé."))
    _note_seen(session, visitor, introduction)
    actions.record_immersion(
        session, visitor.actor, introduction=introduction, details=author_details(visitor)
    )


def _note_seen(session: Session, visitor: EmployerVisitor, introduction: Introduction) -> None:
    """Who answers has read: without JavaScript, nothing else tells it."""
    if introduction.state is _S.SENT:
        record_seen(session, visitor, introductions=[introduction])


def ask_adviser(
    session: Session,
    visitor: EmployerVisitor,
    introduction: Introduction,
    reason: CallReason,
    note: str,
) -> None:
    """A task for who follows the offer, for the next working day."""
    offer = introduction.offer
    record_call(
        session,
        reason=reason,
        due_on=working_days_after(clock.today(), 1),
        establishment=visitor.establishment,
        contact=visitor.contact,
        organisation_id=offer.organisation_id,
        account_id=offer.adviser_id,
        subject=introduction,
        note=note,
    )
