"""After an exit: two other sessions, so that nobody is left in front of nothing (§4.3)."""

from __future__ import annotations

from sqlalchemy import ColumnElement, ScalarSelect, func, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.models import (
    Enrollment,
    ProgramOccupation,
    SessionSkill,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)
from portal.trainings.queries import has_seats

PROPOSED = 2


def list_alternatives(
    session: Session, enrolment: Enrollment, limit: int = PROPOSED
) -> list[TrainingSession]:
    """Sessions to come with seats that teach most of the same, the soonest first.

    Same skills when the session says which it teaches, else the same trade.
    """
    shared, same_trade = _shared_skills(enrolment), _same_trade(enrolment)
    met = select(Enrollment.session_id).where(Enrollment.person_id == enrolment.person_id)
    query = (
        select(TrainingSession)
        .join(TrainingSession.action)
        .join(TrainingAction.program)
        .where(
            TrainingSession.start > clock.today(),
            TrainingSession.id.not_in(met),
            has_seats(),
            or_(shared > 0, same_trade),
        )
        .options(
            joinedload(TrainingSession.commune),
            joinedload(TrainingSession.action).joinedload(TrainingAction.program),
            joinedload(TrainingSession.action).joinedload(TrainingAction.organisation),
        )
        .order_by(shared.desc(), TrainingSession.start, TrainingSession.id)
        .limit(limit)
    )
    return list(session.scalars(query))


def _shared_skills(enrolment: Enrollment) -> ScalarSelect[int]:
    """How many of the skills that the session left teaches another one teaches too."""
    taught = select(SessionSkill.skill_code).where(SessionSkill.session_id == enrolment.session_id)
    return (
        select(func.count(SessionSkill.skill_code))
        .where(SessionSkill.session_id == TrainingSession.id, SessionSkill.skill_code.in_(taught))
        .scalar_subquery()
    )


def _same_trade(enrolment: Enrollment) -> ColumnElement[bool]:
    """Whether another programme prepares a trade of the one that was left."""
    trades = select(ProgramOccupation.rome_code).where(
        ProgramOccupation.program_id == enrolment.session.action.program_id
    )
    return TrainingProgram.occupations.any(ProgramOccupation.rome_code.in_(trades))
