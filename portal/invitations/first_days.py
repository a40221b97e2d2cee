"""First days that were decided elsewhere: an immersion, a training, a meeting with an employer.

Each is announced once. What is not known is not invented: a day whose hour nobody said is kept at
midnight, and no message tells an hour.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.invitations.inviting import Proposal, cancel, record_invitation
from portal.invitations.rules import OPEN_STATES
from portal.models import Introduction, Invitation, InvitationKind, Person

_HOUR = re.compile(r"\b([01]?\d|2[0-3])\s*(?:h|:)\s*([0-5]\d)?\b", re.IGNORECASE)


def announce(
    session: Session,
    actor: Actor | None,
    *,
    person: Person,
    kind: InvitationKind,
    title: str,
    day: date,
    hour: time | None,
    place: str | None,
    commune_code: str | None,
    organisation_id: int,
    introduction: Introduction | None = None,
) -> Invitation | None:
    """Tell the person once; None when the day is past or already told."""
    starts_at = datetime.combine(day, hour or time(), tzinfo=clock.PARIS)
    known = find_open(session, person_id=person.id, kind=kind, day=day, introduction=introduction)
    if known is not None or day < clock.today():
        return None
    return record_invitation(
        session,
        actor,
        person=person,
        proposal=Proposal(
            kind=kind,
            title=title,
            starts_at=starts_at,
            place=place,
            commune_code=commune_code,
        ),
        organisation_id=organisation_id,
        introduction=introduction,
    )


def call_off(
    session: Session, actor: Actor | None, *, person_id: int, kind: InvitationKind, day: date
) -> None:
    """The day does not take place any more; the person is told not to come."""
    known = find_open(session, person_id=person_id, kind=kind, day=day)
    if known is not None and known.starts_at > clock.now():
        cancel(session, actor, invitation=known, reason="called_off")


def find_open(
    session: Session,
    *,
    person_id: int,
    kind: InvitationKind,
    day: date,
    introduction: Introduction | None = None,
) -> Invitation | None:
    """The invitation of this kind that the person has for a day.

    Two employers may ask for the same day: a yes to one is none to the other.
    """
    rows = session.scalars(
        select(Invitation)
        .where(
            Invitation.person_id == person_id,
            Invitation.kind == kind,
            Invitation.state.in_(OPEN_STATES),
        )
        .order_by(Invitation.id)
    )
    same = (r for r in rows if introduction is None or r.introduction_id == introduction.id)
    return next((r for r in same if r.starts_at.astimezone(clock.PARIS).date() == day), None)


def first_hour(text: str | None) -> time | None:
    """The first hour a schedule says: « 8 h à 16 h » → 8:00; None when it says none."""
    found = _HOUR.search(text or "")
    return time(int(found[1]), int(found[2] or 0)) if found else None
