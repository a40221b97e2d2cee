"""After the first day: what moves with the dates, and the tutor's two minutes (P12)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.immersions.states import ASSESSABLE_STATES, IMMERSION_MACHINE
from portal.locks import lock_row
from portal.models import (
    AssertionSource,
    CohortMembership,
    Immersion,
    ImmersionAssessment,
    ImmersionGesture,
    ImmersionState,
    ObjectivesOutcome,
)
from portal.people.queries.abilities import record_interest, record_levels

_S = ImmersionState


def follow_dates(session: Session, today: date) -> int:
    """Move what begins and what is over; returns how many moved. The caller commits."""
    rows = session.scalars(
        select(Immersion)
        .where(
            (Immersion.state == _S.VALIDATED) & (Immersion.start <= today)
            | (Immersion.state == _S.IN_PROGRESS) & (Immersion.end < today)
        )
        .order_by(Immersion.id)
    ).all()
    for row in rows:
        _follow(session, row, today)
    return len(rows)


def _follow(session: Session, row: Immersion, today: date) -> None:
    if row.state is _S.VALIDATED and row.start <= today:
        IMMERSION_MACHINE.move(session, row, _S.IN_PROGRESS, actor=None, name="started")
    if row.state is _S.IN_PROGRESS and row.end < today:
        IMMERSION_MACHINE.move(session, row, _S.ASSESSMENT_DUE, actor=None, name="ended")


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the tutor said: presence, objectives, gestures (skill → 0, 1 or 2), and a job or not.

    ``liked``: what the person says of the trade, None when nothing was said.
    """

    came: bool
    objectives: ObjectivesOutcome
    by_name: str
    last_day: date | None = None
    missed_hours: int | None = None
    would_hire: bool | None = None
    ended_with_job: bool = False
    note: str | None = None
    gestures: Mapping[str, int] = field(default_factory=dict)
    liked: bool | None = None


def can_assess(immersion: Immersion, today: date) -> bool:
    """From the first day on, until it is done."""
    return immersion.state in ASSESSABLE_STATES and immersion.start <= today


def record_assessment(
    session: Session,
    actor: Actor | None,
    *,
    immersion: Immersion,
    said: Assessment,
    details: dict[str, Any] | None = None,
) -> ImmersionAssessment:
    """Keep what the tutor said, close the immersion, and give the person what was seen.

    Without an actor, ``details`` says which contact of the firm answered.
    """
    lock_row(session, immersion)
    if not can_assess(immersion, clock.today()):
        raise IllegalTransitionError(_("Le bilan se fait pendant l’immersion ou après."))
    row = _assessment(actor, said)
    immersion.assessment = row
    session.flush()
    _follow(session, immersion, clock.today())
    if immersion.state is _S.IN_PROGRESS:
        IMMERSION_MACHINE.move(session, immersion, _S.ASSESSMENT_DUE, actor=actor, name="ended")
    IMMERSION_MACHINE.move(
        session, immersion, _S.CLOSED, actor=actor, name="assessed", details=details
    )
    _tell_person(session, actor, immersion, said)
    return row


def _assessment(actor: Actor | None, said: Assessment) -> ImmersionAssessment:
    gestures = said.gestures if said.came else {}
    return ImmersionAssessment(
        came=said.came,
        last_day=said.last_day,
        missed_hours=said.missed_hours,
        objectives=said.objectives if said.came else ObjectivesOutcome.NOT_REACHED,
        would_hire=said.would_hire,
        ended_with_job=said.ended_with_job,
        note=said.note,
        by_name=said.by_name,
        recorded_by_id=actor.account.id if actor else None,
        gestures=[ImmersionGesture(skill_code=code, level=gestures[code]) for code in gestures],
    )


def _tell_person(
    session: Session, actor: Actor | None, immersion: Immersion, said: Assessment
) -> None:
    """Each gesture seen is a fact about the person, with its source; a wish is one too."""
    if said.came:
        record_levels(
            session,
            actor,
            person=immersion.person,
            levels=said.gestures.items(),
            source=AssertionSource.IMMERSION,
            on=min(said.last_day or immersion.end, clock.today()),
            evidence=_evidence(immersion, said),
        )
    if said.liked is not None and actor is not None:
        _record_wish(session, actor, immersion, liked=said.liked)


def _evidence(immersion: Immersion, said: Assessment) -> str:
    text = _(
        "Immersion chez %(firm)s, du %(start)s au %(end)s, vu par %(who)s",
        firm=immersion.establishment.name,
        start=f"{immersion.start:%d/%m/%Y}",
        end=f"{immersion.end:%d/%m/%Y}",
        who=said.by_name,
    )
    return str(text)[:255]


def _record_wish(session: Session, actor: Actor, immersion: Immersion, *, liked: bool) -> None:
    """« Pas pour moi » sets the trade aside where the actor keeps the file; a cohort is told."""
    access = people_access.access_to(session, actor, immersion.person_id)
    code = immersion.occupation_code
    if not liked and code and access >= people_access.PersonAccess.WRITE:
        record_interest(session, person=immersion.person, occupation_code=code, liking=-1)
    if immersion.cohort_id is None:
        return
    member = session.scalar(
        select(CohortMembership).filter_by(
            cohort_id=immersion.cohort_id, person_id=immersion.person_id
        )
    )
    if member is not None:
        member.immersion_liked = liked
        session.flush()
