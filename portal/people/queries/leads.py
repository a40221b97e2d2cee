"""The jobs of a person, the questions that move them, and « qui est prêt pour… »."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import matchmaking as mm
from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.models import (
    Commune,
    JobOffer,
    Occupation,
    OfferRequirement,
    Person,
    TrainingSession,
)
from portal.people.queries.abilities import list_asked_and_not_known

QUESTIONS = 3
# How long after its first day a need that somebody typed may still be met.
_PATIENCE = timedelta(days=60)


def get_readable_offer(session: Session, actor: Actor, public_id: str) -> JobOffer | None:
    """An offer the actor may read, complete enough to be compared with a person."""
    return session.scalar(
        select(JobOffer)
        .where(
            JobOffer.public_id == public_id,
            offer_access.may_read(actor),
            JobOffer.occupation_code.is_not(None),
            JobOffer.commune_code.is_not(None),
            JobOffer.start_wanted.is_not(None),
            JobOffer.start_latest.is_not(None),
        )
        .options(
            joinedload(JobOffer.commune),
            joinedload(JobOffer.occupation),
            joinedload(JobOffer.establishment),
            *mm.requirement_loading(),
        )
    )


def list_questions(session: Session, actor: Actor, person: Person) -> list[mm.QuestionView]:
    """The three questions most worth asking, but not those already asked in vain."""
    asked = list_asked_and_not_known(session, person)
    found = mm.questions(session, actor, person, QUESTIONS + len(asked))
    return [q for q in found if (q.kind, q.code) not in asked][:QUESTIONS]


def count_groups(view: mm.ListView) -> dict[str, int]:
    """How many jobs in each of the five groups."""
    return {group.key: group.count for group in view.groups}


@dataclass(frozen=True, slots=True)
class TrainingLead:
    """An open session that covers a gap, and the jobs it brings nearer."""

    row: TrainingSession
    jobs: Sequence[str]


def list_training_leads(view: mm.ListView, limit: int = 6) -> list[TrainingLead]:
    """The open sessions named in the lines shown, those that serve most jobs first."""
    jobs: dict[str, dict[str, None]] = {}
    rows: dict[str, TrainingSession] = {}
    for group in view.groups:
        for line in group.lines:
            for choice in _open_choices(line):
                rows[choice.row.public_id] = choice.row
                jobs.setdefault(choice.row.public_id, {})[line.offer.title or ""] = None
    ordered = sorted(rows.values(), key=lambda r: (-len(jobs[r.public_id]), r.start, r.public_id))
    return [TrainingLead(row, list(jobs[row.public_id])) for row in ordered[:limit]]


def _open_choices(line: mm.Line) -> list[mm.SessionChoice]:
    return [choice for asked in line.learnable for choice in asked.sessions if choice.open]


def build_need(
    session: Session, *, occupation: Occupation, commune: Commune, start: date
) -> JobOffer:
    """An offer that nobody has posted: a trade's usual requirements, a place, a date.

    Never added to the session. Its id is made of the need, so the order of equals is stable.
    """
    need = JobOffer(
        public_id=f"need-{occupation.code}-{commune.code}",
        title=occupation.label,
        occupation_code=occupation.code,
        commune_code=commune.code,
        start_wanted=start,
        start_latest=start + _PATIENCE,
        posts=1,
    )
    need.requirements = [
        OfferRequirement(
            kind=usual.kind,
            skill_code=usual.skill.code if usual.skill else None,
            level=usual.level,
            credential_code=usual.credential.code if usual.credential else None,
            skill=usual.skill,
            credential=usual.credential,
            position=position,
        )
        for position, usual in enumerate(mm.usual_requirements(session, occupation.code))
    ]
    return need
