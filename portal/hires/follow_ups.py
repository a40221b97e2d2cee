"""News taken of a hire: what was said, by whom, and what is done about a difficulty."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import PersonAccess, access_to
from portal.access.transitions import IllegalTransitionError
from portal.hires.rules import is_alert
from portal.hubs.moves import move_membership
from portal.hubs.rules import MEMBERSHIP
from portal.locks import hold_row
from portal.models import (
    CohortMembership,
    ContactChannel,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    JobFollowUp,
    MembershipState,
)
from portal.people.queries.follow import record_contact

_FOLLOWED = {
    FollowUpKind.M3: MembershipState.FOLLOWED_M3,
    FollowUpKind.M6: MembershipState.FOLLOWED_M6,
}
_STILL_THERE = (FollowUpResult.GOOD, FollowUpResult.MIXED, FollowUpResult.BAD)


def record_follow_up(
    session: Session,
    actor: Actor | None,
    *,
    follow_up: JobFollowUp,
    on: date,
    channel: ContactChannel | None,
    result: FollowUpResult,
    note: str | None = None,
    details: dict[str, Any] | None = None,
) -> None:
    """Keep what was said that day; a silence may be followed by an answer, nothing else may.

    Without an actor, ``details`` says which contact of the employer answered; without a channel,
    it was answered on the portal.

    News given by the person are a contact of their file too, where the actor may write there.
    """
    _hold_unanswered(session, follow_up)
    if not follow_up.hire.start <= on <= clock.today():
        raise IllegalTransitionError(
            _("La date est entre le début du contrat et aujourd’hui. Relisez-la.")
        )
    follow_up.done_on, follow_up.channel, follow_up.result = on, channel, result
    follow_up.note, follow_up.by_id = note or None, actor.account.id if actor else None
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=follow_up,
        name="news_recorded",
        to_state=result.value,
        details=details,
    )
    if actor is not None and channel is not None:
        _keep_contact(session, actor, follow_up, on, channel)
        _advance_membership(session, actor, follow_up)


def _hold_unanswered(session: Session, follow_up: JobFollowUp) -> None:
    """Of two answers at once, the second one is told."""
    hold_row(session, follow_up)
    session.refresh(follow_up, ["result"])
    if follow_up.result not in (None, FollowUpResult.NO_ANSWER):
        raise IllegalTransitionError(_("Ces nouvelles sont déjà notées."))


def _keep_contact(
    session: Session, actor: Actor, follow_up: JobFollowUp, on: date, channel: ContactChannel
) -> None:
    """Only a two-way exchange with the person is a contact (I-13)."""
    person = follow_up.hire.person
    if follow_up.side is not FollowUpSide.PERSON or follow_up.result is FollowUpResult.NO_ANSWER:
        return
    if access_to(session, actor, person.id) >= PersonAccess.WRITE:
        record_contact(session, actor, person=person, on=on, channel=channel, note=None)


def _advance_membership(session: Session, actor: Actor, follow_up: JobFollowUp) -> None:
    """Still there three, then six months later: so it is in the cohort too."""
    target = _FOLLOWED.get(follow_up.kind)
    here = follow_up.result in _STILL_THERE and follow_up.side is FollowUpSide.PERSON
    if target is None or not here or follow_up.hire.cohort_id is None:
        return
    row = session.scalar(
        select(CohortMembership).where(
            CohortMembership.cohort_id == follow_up.hire.cohort_id,
            CohortMembership.person_id == follow_up.hire.person_id,
        )
    )
    if row is not None and MEMBERSHIP.allows(row.state, target):
        move_membership(session, actor, row, target)


def settle(session: Session, actor: Actor, *, follow_up: JobFollowUp, how: str) -> None:
    """Say what was done about a difficulty: it leaves the tasks of the structure."""
    if not is_alert(follow_up):
        raise IllegalTransitionError(_("Rien n’est à régler ici."))
    follow_up.settled_on, follow_up.settled_how = clock.today(), how
    session.flush()
    record_event(session, actor=actor, subject=follow_up, name="difficulty_settled")
