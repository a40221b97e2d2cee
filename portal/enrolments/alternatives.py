"""After an exit: two other sessions, so that nobody is left in front of nothing (T-PAT-04)."""

from __future__ import annotations

from sqlalchemy import func, or_, select
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
    shared = (
        select(func.count(SessionSkill.skill_code))
        .where(
            SessionSkill.session_id == TrainingSession.id,
            SessionSkill.skill_code.in_(
                select(SessionSkill.skill_code).where(
                    SessionSkill.session_id == enrolment.session_id
                )
            ),
        )
        .scalar_subquery()
    )
    same_trade = TrainingProgram.occupations.any(
        ProgramOccupation.rome_code.in_(
            select(ProgramOccupation.rome_code).where(
                ProgramOccupation.program_id == enrolment.session.action.program_id
            )
        )
    )
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
