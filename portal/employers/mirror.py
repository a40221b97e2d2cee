"""What each requirement of an offer costs in people, and the training that makes up for it.

Counts alone, masked below five (INV-15). The firm cannot change its offer here: it is talked
over with the adviser.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal import matchmaking as mm
from portal.models import (
    Commune,
    JobOffer,
    OfferRequirement,
    RecruitmentState,
    RequirementKind,
    SessionCredential,
    SessionSkill,
    TrainingAction,
    TrainingSession,
)

MASKED_UNDER = 5
_SHOWN = 2
_READ = 200
_CLOSED = (RecruitmentState.CLOSED, RecruitmentState.CANCELLED, RecruitmentState.FULL)


@dataclass(frozen=True, slots=True)
class Course:
    """A session that teaches what is asked."""

    title: str
    place: str
    start: date
    end: date
    hours: int | None


@dataclass(frozen=True, slots=True)
class Reflection:
    """A requirement: whether the law asks for it, and people with and without it, in words."""

    label: str
    kind: RequirementKind
    now: str
    without: str | None
    courses: list[Course]

    @property
    def by_law(self) -> bool:
        """Whether nobody can do without it."""
        return self.kind is RequirementKind.REGULATORY

    @property
    def matters(self) -> bool:
        """Whether it keeps somebody away, or cannot be given up."""
        return self.by_law or self.without is not None


def reflect(session: Session, offer: JobOffer) -> list[Reflection]:
    """Each requirement of the offer, in its order."""
    effects = mm.simulate_everyone(session, offer)
    courses = _list_sessions(session, [effect.row for effect in effects], offer)
    return [
        Reflection(
            label=effect.row.label,
            kind=effect.row.kind,
            now=people(sum(effect.now)),
            without=said_without(sum(effect.now), sum(effect.if_desired))
            if effect.row.kind is RequirementKind.DAY_ONE
            else None,
            courses=[_course(row) for row in courses if _teaches(row, effect.row)][:_SHOWN],
        )
        for effect in effects
    ]


def people(count: int) -> str:
    """« 17 personnes », « moins de 5 personnes » (INV-15)."""
    if count == 0:
        return str(_("personne"))
    if count < MASKED_UNDER:
        return str(_("moins de 5 personnes"))
    return str(_("%(count)d personnes", count=count))


def said_without(now: int, without: int) -> str | None:
    """People without the requirement; None when it changes nothing.

    Two numbers a few people apart would tell that few by subtraction: the second one is not said.
    """
    gained = without - now
    if gained <= 0:
        return None
    if gained < MASKED_UNDER <= now:
        return str(_("quelques personnes de plus"))
    return people(without)


def _list_sessions(
    session: Session, asked: Sequence[OfferRequirement], offer: JobOffer
) -> list[TrainingSession]:
    """Sessions to come that teach some of it, those of the département first."""
    skills = [row.skill_code for row in asked if row.skill_code]
    credentials = [row.credential_code for row in asked if row.credential_code]
    rows = session.scalars(
        select(TrainingSession)
        .where(
            TrainingSession.start > clock.today(),
            TrainingSession.recruitment.not_in(_CLOSED),
            or_(TrainingSession.seats_left.is_(None), TrainingSession.seats_left > 0),
            or_(
                TrainingSession.skills.any(SessionSkill.skill_code.in_(skills)),
                TrainingSession.credentials.any(SessionCredential.credential_code.in_(credentials)),
            ),
        )
        .options(
            joinedload(TrainingSession.commune),
            joinedload(TrainingSession.action).joinedload(TrainingAction.program),
            selectinload(TrainingSession.skills),
            selectinload(TrainingSession.credentials),
        )
        .order_by(TrainingSession.start, TrainingSession.id)
        .limit(_READ)
    ).all()
    return sorted(rows, key=lambda row: not _is_near(row.commune, offer))


def _is_near(commune: Commune | None, offer: JobOffer) -> bool:
    return commune is not None and commune.departement_code == offer.departement_code


def _teaches(row: TrainingSession, asked: OfferRequirement) -> bool:
    if asked.credential_code:
        return any(one.credential_code == asked.credential_code for one in row.credentials)
    least = asked.level or 0
    return any(one.skill_code == asked.skill_code and one.level >= least for one in row.skills)


def _course(row: TrainingSession) -> Course:
    action = row.action
    hours = (action.hours_center or 0) + (action.hours_company or 0)
    return Course(
        title=action.program.title,
        place=row.commune.name if row.commune else str(_("à distance")),
        start=row.start,
        end=row.end,
        hours=hours or None,
    )
