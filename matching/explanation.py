"""Why a pair is where it is: the very computation of the list, opened up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from matching.by_person import Judgement, judge_person
from matching.groups import GROUPS, Group
from matching.index import Index
from matching.offers import OfferTable
from matching.ordering import Interest
from matching.ranking import dates_of, interests_of
from matching.records import Offer, Person, Requirement
from matching.requirements import (
    GAP,
    OUTCOMES,
    Outcome,
    Subject,
    SubjectKind,
    backing_skills,
    level_of,
    subject_of,
)
from matching.sessions import NEVER, REMOTE, SessionTable
from matching.travel import Bools


class Obstacle(StrEnum):
    """Why a session is not open to a person."""

    NO_SEAT = "no_seat"
    STARTS_TOO_EARLY = "starts_too_early"
    OUT_OF_REACH = "out_of_reach"
    PREREQUISITE = "prerequisite"


class SessionOption(NamedTuple):
    """A session that covers a gap, as this person meets it.

    ``minutes`` is None for a remote session, and infinite when a centre is not known.
    ``in_time``: it ends by the offer's latest start. ``covers_all``: it covers every gap that
    decides.
    """

    session: str
    start: date
    end: date
    remote: bool
    minutes: float | None
    obstacles: tuple[Obstacle, ...]
    in_time: bool
    covers_all: bool

    @property
    def open(self) -> bool:
        """Whether the person can join it."""
        return not self.obstacles


class Fact(NamedTuple):
    """What is known of the skill or credential: a level; or held until ``expiry`` (None when
    it never expires), or known to be absent (``held`` false).
    """

    level: int | None
    held: bool
    expiry: date | None


class RequirementReading(NamedTuple):
    """One requirement of the offer, for this person.

    ``fact`` is None when nothing is known; ``backed_by`` then names the person's skills of the
    same group, at the level or above. ``sessions`` are those that cover a gap, earliest end
    first.
    """

    requirement: Requirement
    subject: Subject
    outcome: Outcome
    fact: Fact | None
    backed_by: tuple[str, ...]
    sessions: tuple[SessionOption, ...]


class Explanation(NamedTuple):
    """A pair, opened up. ``group`` is None when the offer is out of reach.

    ``step`` is the session that makes the pair one step away, if any.
    """

    person: str
    offer: str
    in_reach: bool
    with_car: bool
    group: Group | None
    ready_by: date | None
    unknown: int
    doubt: int
    gap: int
    desired_met: int
    minutes: float
    interest: Interest
    step: str | None
    requirements: tuple[RequirementReading, ...]


def explain(index: Index, person: Person, offer: Offer) -> Explanation:
    """The pair of a person and an offer, each in the index or not."""
    return explain_offers(index, person, [offer])[0]


def explain_offers(
    index: Index, person: Person, offers: Sequence[Offer], *, closed: bool = True
) -> list[Explanation]:
    """The pairs of a person with several offers, judged together.

    Without ``closed``, sessions that the person cannot join are left out: what a list says.
    """
    table = index.book.ground.table(offers)
    judged = _judge(index, person, table)
    return [
        _explanation(index, person, _Case(judged, table, n), closed) for n in range(len(offers))
    ]


def explain_people(
    index: Index, people: Sequence[Person], offer: Offer, *, closed: bool = True
) -> list[Explanation]:
    """The pairs of several people with an offer, which is laid out once for all of them."""
    index = _about(index, offer)
    ground = index.book.ground._replace(sessions=index.sessions)
    table = ground.table([offer])
    cases = ((one, _Case(_judge(index, one, table), table, 0)) for one in people)
    return [_explanation(index, one, case, closed) for one, case in cases]


def _about(index: Index, offer: Offer) -> Index:
    """The index with the sessions alone that bring what the offer asks: no other is ever told.

    Each person is then before a few dozen sessions, instead of those of a whole region.
    """
    brings = np.zeros(len(index.sessions.sessions), dtype=np.bool_)
    for requirement in offer.requirements:
        brings |= _covering(index, requirement)
    few = [index.sessions.sessions[number] for number in np.flatnonzero(brings).tolist()]
    asked = frozenset(map(subject_of, offer.requirements))
    sessions = SessionTable.build(few, index.communes, index.taxonomy.group_of, asked)
    return replace(index, sessions=sessions)


def _judge(index: Index, person: Person, table: OfferTable) -> Judgement:
    today = index.today.toordinal()
    return judge_person(person, table, index.sessions, index.communes, index.taxonomy, today)


class _Case(NamedTuple):
    """One of the offers that a person was judged against, by its number in their table."""

    judged: Judgement
    table: OfferTable
    number: int

    @property
    def offer(self) -> Offer:
        return self.table.offers[self.number]

    @property
    def rows(self) -> Sequence[tuple[int, Requirement]]:
        """The offer's requirements, each with its number among those of the table."""
        first = int(np.searchsorted(self.table.requirements.owner, self.number))
        return list(enumerate(self.offer.requirements, start=first))


def _explanation(index: Index, person: Person, case: _Case, closed: bool) -> Explanation:
    judged, offer, n = case.judged, case.offer, case.number
    in_reach = bool(judged.in_reach[n])
    terms = judged.terms
    interest = interests_of(person, (offer.occupation,), index.taxonomy)
    covers_all = _covers_all(index, case)
    return Explanation(
        person.id,
        offer.id,
        in_reach,
        with_car=not in_reach and bool(judged.car_minutes[n] <= person.max_minutes),
        group=GROUPS[judged.verdicts.group[n]] if in_reach else None,
        ready_by=dates_of(judged.verdicts.ready_by[n : n + 1])[0] if in_reach else None,
        unknown=int(terms.unknown[n]),
        doubt=int(terms.doubt[n]),
        gap=int(terms.gap[n]),
        desired_met=int(terms.desired_met[n]),
        minutes=float(judged.minutes[n]),
        interest=Interest(int(interest[0])),
        step=_step(index, case, covers_all) if in_reach else None,
        requirements=_readings(index, person, case, covers_all, closed),
    )


def _covering(index: Index, requirement: Requirement) -> Bools:
    return index.sessions.covering(subject_of(requirement), level_of(requirement))


def _covers_all(index: Index, case: _Case) -> Bools:
    """The sessions that cover every gap that decides (all of them when there is no gap)."""
    whole = np.ones(len(index.sessions.sessions), dtype=np.bool_)
    for row, requirement in case.rows:
        if requirement.decides and case.judged.outcomes[row] == GAP:
            whole &= _covering(index, requirement)
    return whole


def _step(index: Index, case: _Case, covers_all: Bools) -> str | None:
    terms = case.judged.terms
    end = int(terms.step_end[case.number])
    if not terms.gap[case.number] or end == NEVER or end > case.offer.start_latest.toordinal():
        return None
    suits = covers_all & case.judged.sessions.open
    return index.sessions.sessions[int(np.argmax(suits))].id


def _readings(
    index: Index, person: Person, case: _Case, covers_all: Bools, closed: bool
) -> tuple[RequirementReading, ...]:
    judged, group_of = case.judged, index.taxonomy.group_of
    readings = []
    for row, requirement in case.rows:
        outcome = OUTCOMES[judged.outcomes[row]]
        backing = backing_skills(requirement, person, group_of) if judged.backed[row] else ()
        options: tuple[SessionOption, ...] = ()
        if outcome is Outcome.GAP:
            covering = _covering(index, requirement)
            told = np.flatnonzero(covering if closed else covering & judged.sessions.open)
            options = tuple(_option(index, judged, case.offer, covers_all, int(n)) for n in told)
        subject = subject_of(requirement)
        fact = _fact(person, subject)
        readings.append(RequirementReading(requirement, subject, outcome, fact, backing, options))
    return tuple(readings)


def _fact(person: Person, subject: Subject) -> Fact | None:
    if subject.kind is SubjectKind.SKILL:
        level = person.skills.get(subject.id)
        return None if level is None else Fact(level, held=level > 0, expiry=None)
    if subject.id in person.credentials:
        return Fact(None, held=True, expiry=person.credentials[subject.id])
    return Fact(None, held=False, expiry=None) if subject.id in person.no_credentials else None


def _option(
    index: Index, judged: Judgement, offer: Offer, covers_all: Bools, number: int
) -> SessionOption:
    table, available = index.sessions, judged.sessions
    session = table.sessions[number]
    stands = {
        Obstacle.NO_SEAT: not table.has_seats[number],
        Obstacle.STARTS_TOO_EARLY: not available.late_enough[number],
        Obstacle.OUT_OF_REACH: not available.in_reach[number],
        Obstacle.PREREQUISITE: available.blocked[number],
    }
    return SessionOption(
        session.id,
        session.start,
        session.end,
        session.remote,
        None if table.place[number] == REMOTE else float(available.minutes[number]),
        tuple(obstacle for obstacle, is_there in stands.items() if is_there),
        in_time=session.end <= offer.start_latest,
        covers_all=bool(covers_all[number]),
    )
