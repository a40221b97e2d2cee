"""Who goes where: people × immersion places, people × promised jobs, as proposals to a human.

``matching.cohorts.propose`` finds the best assignment and explains what it could not place;
nothing is written until the coordinator retains lines of it (T-HUB-07).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access.people import shows_employers
from portal.hubs.rules import STANDING
from portal.matchmaking import cohorts as engine
from portal.models import (
    Cohort,
    CohortMembership,
    CohortPair,
    EmployerCommitment,
    Hire,
    Immersion,
    ImmersionPlace,
    ImmersionState,
    JobOffer,
    JobPromise,
    LabelledEnum,
    MembershipState,
    OfferRequirement,
    PairChoice,
)
from portal.text import N_

_S = MembershipState


class Purpose(LabelledEnum):
    """What people are placed in."""

    IMMERSION = "immersion", N_("immersions")
    JOB = "job", N_("postes promis")


#: Who is to be placed: in an immersion once selected, in a job once on the way to the training.
STATES: Mapping[Purpose, tuple[MembershipState, ...]] = {
    Purpose.IMMERSION: (_S.SELECTED,),
    Purpose.JOB: (_S.PREPARING, _S.READY, _S.ADMITTED, _S.IN_TRAINING, _S.CERTIFIED),
}
_ENDED_IMMERSIONS = (ImmersionState.REFUSED, ImmersionState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Spot:
    """Somewhere to be placed, as the screens name it; ``free`` is what is left of it."""

    id: str
    commitment: EmployerCommitment
    place: ImmersionPlace | None
    free: int

    @property
    def label(self) -> str:
        """« Travaux du Nord, vague 2 »."""
        name = self.commitment.establishment.name
        if self.place is None:
            return name
        return str(_("%(name)s, vague %(wave)s", name=name, wave=self.place.wave))


@dataclass(frozen=True, slots=True)
class Problem:
    """An assignment to make: who, where, what was said of each pair, and the answer."""

    purpose: Purpose
    members: Mapping[str, CohortMembership]
    spots: Mapping[str, Spot]
    pairs: Sequence[CohortPair]
    proposal: engine.Proposal

    @property
    def free(self) -> int:
        """How many places are left in all."""
        return sum(spot.free for spot in self.spots.values())

    def choices(self, member: CohortMembership, commitment: EmployerCommitment) -> set[PairChoice]:
        """What was said of a person and a company."""
        return {
            row.choice
            for row in self.pairs
            if row.membership_id == member.id and row.commitment_id == commitment.id
        }


def solve(session: Session, *, cohort: Cohort, purpose: Purpose) -> Problem:
    """The best assignment now, proven so; the pins that make one impossible are in it."""
    members = {row.person.public_id: row for row in _list_to_place(session, cohort, purpose)}
    spots = {spot.id: spot for spot in _list_spots(session, cohort, purpose)}
    pairs = _list_pairs(session, members.values(), purpose)
    people = {row.id: person for person, row in members.items()}
    wishes = _wishes(pairs, people)
    if purpose is Purpose.IMMERSION:
        found = _immersion_places(session, spots, members, wishes)
    else:
        found = _jobs(session, cohort, spots, members, wishes)
    today = clock.today()
    proposal = engine.propose(
        [
            engine.Candidate(person, max(0, (today - _day(row.created_at)).days))
            for person, row in members.items()
        ],
        found[0],
        found[1],
        _pairings(pairs, people, spots, PairChoice.PINNED),
        _pairings(pairs, people, spots, PairChoice.FORBIDDEN),
    )
    return Problem(purpose, members, spots, pairs, proposal)


def _day(moment: datetime) -> date:
    return moment.astimezone(clock.PARIS).date()


def _immersion_places(
    session: Session,
    spots: Mapping[str, Spot],
    members: Mapping[str, CohortMembership],
    wishes: engine.Wishes,
) -> tuple[list[engine.Place | engine.Job], list[engine.Link]]:
    places = [engine.place_of(spot.place, spot.free) for spot in spots.values() if spot.place]
    links = engine.immersion_links_of(session, list(members), places, wishes)
    return list(places), links


def _jobs(
    session: Session,
    cohort: Cohort,
    spots: Mapping[str, Spot],
    members: Mapping[str, CohortMembership],
    wishes: engine.Wishes,
) -> tuple[list[engine.Place | engine.Job], list[engine.Link]]:
    training = cohort.session
    if training is None:
        return [], []
    jobs = [engine.job_of(session, s.commitment, training, s.free) for s in spots.values()]
    return list(jobs), engine.job_links_of(session, list(members), jobs, wishes, training)


def _list_to_place(
    session: Session, cohort: Cohort, purpose: Purpose
) -> Sequence[CohortMembership]:
    """Those who wait for a place; who refuses employers is proposed to none (T-SEC-06)."""
    query = (
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(
            CohortMembership.cohort_id == cohort.id,
            CohortMembership.state.in_(STATES[purpose]),
            shows_employers(),
        )
        .options(joinedload(CohortMembership.person))
        .order_by(CohortMembership.id)
    )
    if purpose is Purpose.JOB:
        promised = select(JobPromise.membership_id)
        query = query.where(CohortMembership.id.not_in(promised))
    else:
        placed = select(Immersion.person_id).where(
            Immersion.cohort_id == cohort.id, Immersion.state.not_in(_ENDED_IMMERSIONS)
        )
        query = query.where(CohortMembership.person_id.not_in(placed))
    return session.scalars(query).all()


def _list_spots(session: Session, cohort: Cohort, purpose: Purpose) -> list[Spot]:
    commitments = session.scalars(
        select(EmployerCommitment)
        .where(EmployerCommitment.cohort_id == cohort.id, EmployerCommitment.state.in_(STANDING))
        .options(
            joinedload(EmployerCommitment.establishment),
            joinedload(EmployerCommitment.cohort),
            selectinload(EmployerCommitment.places),
            joinedload(EmployerCommitment.offer)
            .selectinload(JobOffer.requirements)
            .options(joinedload(OfferRequirement.skill), joinedload(OfferRequirement.credential)),
        )
        .order_by(EmployerCommitment.id)
    ).all()
    if purpose is Purpose.JOB:
        taken = _taken_jobs(session, cohort)
        return [
            Spot(row.public_id, row, None, max(0, row.jobs - taken[row.establishment_id]))
            for row in commitments
        ]
    return _immersion_spots(session, cohort, commitments)


def _taken_jobs(session: Session, cohort: Cohort) -> Counter[int]:
    """By establishment, the jobs already promised to somebody, or filled without a promise."""
    promises = (
        select(EmployerCommitment.establishment_id, CohortMembership.person_id)
        .join(JobPromise, JobPromise.commitment_id == EmployerCommitment.id)
        .join(CohortMembership, CohortMembership.id == JobPromise.membership_id)
        .where(EmployerCommitment.cohort_id == cohort.id)
    )
    hires = select(Hire.establishment_id, Hire.person_id).where(Hire.cohort_id == cohort.id)
    taken = {tuple(row) for query in (promises, hires) for row in session.execute(query)}
    return Counter(establishment for establishment, _person in taken)


def _immersion_spots(
    session: Session, cohort: Cohort, commitments: Iterable[EmployerCommitment]
) -> list[Spot]:
    """Places to come, less the immersions of the cohort prepared there in the same weeks."""
    rows = session.execute(
        select(Immersion.establishment_id, Immersion.start, Immersion.end).where(
            Immersion.cohort_id == cohort.id, Immersion.state.not_in(_ENDED_IMMERSIONS)
        )
    ).all()
    return [
        Spot(
            place.public_id,
            commitment,
            place,
            max(
                0,
                place.capacity
                - sum(
                    row.establishment_id == commitment.establishment_id
                    and row.start <= place.end
                    and place.start <= row.end
                    for row in rows
                ),
            ),
        )
        for commitment in commitments
        for place in commitment.places
        if place.start >= clock.today()
    ]


def _list_pairs(
    session: Session, members: Iterable[CohortMembership], purpose: Purpose
) -> Sequence[CohortPair]:
    return session.scalars(
        select(CohortPair)
        .where(
            CohortPair.membership_id.in_([row.id for row in members]),
            CohortPair.purpose == purpose.value,
        )
        .options(joinedload(CohortPair.commitment))
        .order_by(CohortPair.id)
    ).all()


def _wishes(pairs: Iterable[CohortPair], people: Mapping[int, str]) -> engine.Wishes:
    said: dict[PairChoice, set[engine.Pairing]] = {choice: set() for choice in PairChoice}
    for row in pairs:
        company = str(row.commitment.establishment_id)
        said[row.choice].add(engine.Pairing(people[row.membership_id], company))
    return engine.Wishes(
        of_people=dict.fromkeys(said[PairChoice.PERSON_WISHES], 1),
        of_companies=dict.fromkeys(said[PairChoice.EMPLOYER_WISHES], 1),
        refused_by_people=said[PairChoice.PERSON_REFUSES],
        refused_by_companies=said[PairChoice.EMPLOYER_REFUSES],
    )


def _pairings(
    pairs: Iterable[CohortPair],
    people: Mapping[int, str],
    spots: Mapping[str, Spot],
    choice: PairChoice,
) -> list[engine.Pairing]:
    """The pairs pinned or forbidden, wave by wave; a pin without a wave holds the first one."""
    found = []
    for row in pairs:
        if row.choice is not choice:
            continue
        where = [
            spot.id
            for spot in spots.values()
            if spot.commitment.id == row.commitment_id
            and (row.wave is None or spot.place is None or spot.place.wave == row.wave)
        ]
        kept = where[:1] if choice is PairChoice.PINNED else where
        found += [engine.Pairing(people[row.membership_id], spot) for spot in kept]
    return found
