"""Cohorts and the engine: what hubs ask of ``matching.cohorts``, and a cohort's five groups.

The figures and plans of ``matching.cohorts`` are pure: hubs reach them through this module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from matching.cohorts import (
    Assignment,
    Bar,
    BrokenPins,
    Candidate,
    Cell,
    Conflict,
    ConflictKind,
    DateConflict,
    Disparity,
    Job,
    Link,
    Member,
    NotProvenError,
    Pace,
    PaceTerm,
    Pairing,
    Panel,
    Phase,
    PhaseRule,
    PinFault,
    Place,
    Proposal,
    Range,
    RateSource,
    Reason,
    Schedule,
    Shortage,
    SourcingPlan,
    Stage,
    StepParameter,
    StepRate,
    Tally,
    Unplaced,
    Wishes,
    equity_panel,
    immersion_links,
    is_open,
    job_links,
    open_on_or_after,
    open_on_or_before,
    pace,
    plan_backward,
    propose,
    share,
    sourcing_plan,
    step_rates,
)
from matching.groups import GROUPS
from portal.matchmaking import loading
from portal.matchmaking.lists import FIRST_OF_EACH, Window, people_in_groups
from portal.matchmaking.views import ListView
from portal.matchmaking.world import cache_of, current_world
from portal.models import (
    Cohort,
    CommitmentState,
    EmployerCommitment,
    ImmersionPlace,
    JobOffer,
    OfferRequirement,
    Person,
    RequirementKind,
    SessionPrerequisite,
    TrainingSession,
)

__all__ = [
    "Assignment",
    "Bar",
    "BrokenPins",
    "Candidate",
    "Cell",
    "Conflict",
    "ConflictKind",
    "DateConflict",
    "Disparity",
    "Job",
    "Link",
    "Member",
    "NotProvenError",
    "Pace",
    "PaceTerm",
    "Pairing",
    "Panel",
    "Phase",
    "PhaseRule",
    "PinFault",
    "Place",
    "Proposal",
    "Range",
    "RateSource",
    "Reason",
    "Schedule",
    "Shortage",
    "SourcingPlan",
    "Stage",
    "StepParameter",
    "StepRate",
    "Tally",
    "Unplaced",
    "Wishes",
    "cohort_offer",
    "cohort_offers",
    "equity_panel",
    "groups_of_people",
    "immersion_links_of",
    "is_open",
    "job_links_of",
    "job_of",
    "open_on_or_after",
    "open_on_or_before",
    "pace",
    "people_for_cohort",
    "place_of",
    "plan_backward",
    "propose",
    "share",
    "sourcing_plan",
    "step_rates",
]

_DECIDING = (RequirementKind.REGULATORY, RequirementKind.DAY_ONE)
# A hire follows the end of the session: how long the promised job is then taken as waiting.
_AFTER_TRAINING = timedelta(days=60)
# Stands for a commune nobody knows: no travel to it is known either.
_NOWHERE = "00000"


def cohort_offer(session: Session, cohort: Cohort) -> JobOffer | None:
    """What a cohort asks of a person on the first day of its session, as an offer in no table.

    The prerequisites of the session, and what the promised jobs ask from the first day and the
    session does not teach. None while the cohort has no session, or one without a known place.
    """
    return cohort_offers(session, [cohort])[cohort.id]


def cohort_offers(session: Session, cohorts: Sequence[Cohort]) -> dict[int, JobOffer | None]:
    """The same of several cohorts, by key, with as many statements as for one."""
    trainings, asked = _sessions_of(session, cohorts), _asked_by_jobs(session, cohorts)
    canonical = current_world(session).nomenclature.canonical
    return {
        cohort.id: _offer_of(
            cohort, trainings.get(cohort.session_id or 0), asked[cohort.id], canonical
        )
        for cohort in cohorts
    }


def _offer_of(
    cohort: Cohort,
    training: TrainingSession | None,
    by_jobs: Sequence[OfferRequirement],
    canonical: Mapping[str, str],
) -> JobOffer | None:
    if training is None or training.commune_code is None:
        return None
    asked = _Asked(canonical)
    for prerequisite in sorted(training.prerequisites, key=lambda row: row.id):
        asked.add(prerequisite, RequirementKind.DAY_ONE)
    taught = _Taught(training, canonical)
    for row in by_jobs:
        if not taught.covers(row):
            asked.add(row, row.kind)
    return JobOffer(
        public_id=f"cohort-{cohort.public_id}",
        occupation_code=cohort.occupation_code,
        commune_code=training.commune_code,
        start_wanted=training.start,
        start_latest=training.start,
        posts=cohort.seats,
        requirements=list(asked.rows.values()),
    )


def people_for_cohort(
    session: Session,
    offer: JobOffer,
    among: ColumnElement[bool],
    window: Window = FIRST_OF_EACH,
) -> ListView:
    """The people of a condition, in the five groups of :func:`cohort_offer`."""
    world = current_world(session)
    visible = session.scalars(select(Person.public_id).where(among))
    unplaced = session.scalar(
        select(func.count(Person.id)).where(among, Person.commune_code.is_(None))
    )
    index = cache_of(session).among(world, visible)
    return people_in_groups(session, world, index, offer, window, unplaced or 0)


def groups_of_people(
    session: Session, offer: JobOffer, public_ids: Collection[str]
) -> dict[str, str]:
    """The group of each person within reach: counted, never ranked nor explained."""
    world = current_world(session)
    index = cache_of(session).among(world, public_ids)
    judged = index.judge_offer(loading.offer_record(offer, world.nomenclature.canonical))
    return {
        name: GROUPS[number].value
        for name, number, near in zip(
            index.people.number, judged.verdicts.group, judged.in_reach, strict=True
        )
        if near
    }


def immersion_links_of(
    session: Session, public_ids: Collection[str], places: Sequence[Place], wishes: Wishes
) -> list[Link]:
    """What is known of each person and immersion place."""
    index = current_world(session).index
    people = index.among(public_ids).people.people
    return list(immersion_links(people, places, index.communes, wishes))


def job_links_of(
    session: Session,
    public_ids: Collection[str],
    jobs: Iterable[Job],
    wishes: Wishes,
    training: TrainingSession | None,
) -> list[Link]:
    """What is known of each person and promised job, the training taken as followed.

    Jobs are given to people who are in the session or about to be: what it teaches counts as
    known, whatever its seats left.
    """
    world = current_world(session)
    index = world.index.among(public_ids)
    if training is not None:
        canonical = world.nomenclature.canonical
        for person in index.people.people:
            index = index.with_person(loading.with_training(person, [training], canonical))
    return list(job_links(index, public_ids, jobs, wishes))


def job_of(
    session: Session, commitment: EmployerCommitment, training: TrainingSession, posts: int
) -> Job:
    """The ``posts`` left of a commitment, with what its offer asks, from the training's end."""
    offer, canonical = commitment.offer, current_world(session).nomenclature.canonical
    commune = offer.commune_code if offer is not None else None
    asked = JobOffer(
        public_id=commitment.public_id,
        occupation_code=commitment.cohort.occupation_code,
        commune_code=commune or commitment.establishment.commune_code or _NOWHERE,
        start_wanted=training.end,
        start_latest=training.end + _AFTER_TRAINING,
        posts=posts,
        requirements=[_asked(row, row.kind) for row in (offer.requirements if offer else ())],
    )
    return Job(str(commitment.establishment_id), loading.offer_record(asked, canonical))


def place_of(row: ImmersionPlace, capacity: int) -> Place:
    """An immersion place with what is left of its capacity."""
    establishment = row.commitment.establishment
    commune = establishment.commune_code or _NOWHERE
    return Place(row.public_id, str(establishment.id), capacity, commune, str(row.wave))


def _sessions_of(session: Session, cohorts: Iterable[Cohort]) -> dict[int, TrainingSession]:
    prerequisites = selectinload(TrainingSession.prerequisites)
    rows = session.scalars(
        select(TrainingSession)
        .where(TrainingSession.id.in_({cohort.session_id for cohort in cohorts}))
        .options(
            prerequisites.joinedload(SessionPrerequisite.skill),
            prerequisites.joinedload(SessionPrerequisite.credential),
            selectinload(TrainingSession.skills),
            selectinload(TrainingSession.credentials),
        )
    )
    return {row.id: row for row in rows}


def _asked_by_jobs(
    session: Session, cohorts: Iterable[Cohort]
) -> defaultdict[int, list[OfferRequirement]]:
    """What the promised jobs of each ask from the first day, those withdrawn left out."""
    rows = session.execute(
        select(EmployerCommitment.cohort_id, OfferRequirement)
        .join(EmployerCommitment, EmployerCommitment.offer_id == OfferRequirement.offer_id)
        .where(
            EmployerCommitment.cohort_id.in_([cohort.id for cohort in cohorts]),
            EmployerCommitment.state != CommitmentState.WITHDRAWN,
            OfferRequirement.kind.in_(_DECIDING),
        )
        .options(joinedload(OfferRequirement.skill), joinedload(OfferRequirement.credential))
        .order_by(EmployerCommitment.id, OfferRequirement.position, OfferRequirement.id)
    )
    found: defaultdict[int, list[OfferRequirement]] = defaultdict(list)
    for cohort_id, row in rows:
        found[cohort_id].append(row)
    return found


_Need = OfferRequirement | SessionPrerequisite


def _subject(row: _Need, canonical: Mapping[str, str]) -> tuple[str, str]:
    if row.skill_code is not None:
        return "skill", canonical.get(row.skill_code, row.skill_code)
    return "credential", row.credential_code or ""


class _Asked:
    """Requirements gathered, each subject once, at the highest level asked of it."""

    def __init__(self, canonical: Mapping[str, str]) -> None:
        self.canonical = canonical
        self.rows: dict[tuple[str, str], OfferRequirement] = {}

    def add(self, row: _Need, kind: RequirementKind) -> None:
        """Ask this too."""
        subject = _subject(row, self.canonical)
        known = self.rows.get(subject)
        if known is not None and (known.level or 0) >= (row.level or 0):
            return
        self.rows[subject] = _asked(row, kind)


class _Taught:
    """What a session teaches and delivers."""

    def __init__(self, training: TrainingSession, canonical: Mapping[str, str]) -> None:
        self.canonical = canonical
        self.levels: dict[tuple[str, str], int] = {
            ("skill", canonical.get(row.skill_code, row.skill_code)): row.level
            for row in training.skills
        } | {("credential", row.credential_code): 0 for row in training.credentials}

    def covers(self, row: OfferRequirement) -> bool:
        """Whether somebody who followed the session has what is asked."""
        level = self.levels.get(_subject(row, self.canonical))
        return level is not None and level >= (row.level or 0)


def _asked(row: _Need, kind: RequirementKind) -> OfferRequirement:
    """A requirement in no table, with its words."""
    return OfferRequirement(
        kind=kind,
        skill_code=row.skill_code,
        level=row.level,
        credential_code=row.credential_code,
        skill=row.skill,
        credential=row.credential,
    )
