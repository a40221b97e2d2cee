"""What the screen of a cohort shows: people by state, the figures at the top, the alerts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.hubs import planning, queries, seats, sourcing
from portal.hubs.commitments import Affected, list_affected, lost_commitments
from portal.hubs.responsible import Stage, responsible_for, states_of
from portal.hubs.rules import (
    CORRECTIONS,
    ENDED_COHORT_STATES,
    STARTED_COHORT_STATES,
    legal_targets,
    missing_jobs,
    standing_jobs,
)
from portal.matchmaking import cohorts as engine
from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortMembership,
    EmployerCommitment,
    ExitReason,
    MembershipState,
)

_M = MembershipState
#: Every state from the admission on: they have, or had, a seat.
ADMITTED_STATES = (
    _M.ADMITTED,
    _M.IN_TRAINING,
    _M.CERTIFIED,
    _M.HIRED,
    _M.FOLLOWED_M3,
    _M.FOLLOWED_M6,
)
#: Reasons told in full to those who open files alone.
PERSONAL_EXITS = frozenset({ExitReason.HEALTH_FAMILY, ExitReason.CHILDCARE, ExitReason.MONEY})
#: Counts of people under this are told to nobody who may not see the people (INV-15).
_SMALLEST = 5


@dataclass(frozen=True, slots=True)
class Card:
    """A person on the board: who, whose turn it is, and where they may go next."""

    membership: CohortMembership
    responsible: str
    forward: Sequence[MembershipState]
    corrections: Sequence[MembershipState]
    may_leave: bool

    @property
    def name(self) -> str:
        """First name and initial."""
        return self.membership.person.short_name


@dataclass(frozen=True, slots=True)
class Column:
    """The people of a state that the actor sees, and how many it does not."""

    state: MembershipState
    cards: Sequence[Card]
    hidden: int

    @property
    def count(self) -> int:
        """Everybody in the state."""
        return len(self.cards) + self.hidden


@dataclass(frozen=True, slots=True)
class Band:
    """A part of the way with its states."""

    stage: Stage
    columns: Sequence[Column]

    @property
    def count(self) -> int:
        """Everybody in the part."""
        return sum(column.count for column in self.columns)


@dataclass(frozen=True, slots=True)
class Figures:
    """The numbers at the top: each with what it is counted out of."""

    seats: int
    threshold: int
    admitted: int
    ready: int
    jobs: int
    missing: int
    pace: engine.Pace | None
    act_before: date | None

    @property
    def alarming(self) -> bool:
        """Whether the header turns red: a seat without a promised job."""
        return self.missing > 0


@dataclass(frozen=True, slots=True)
class Loss:
    """An employer who took jobs back, and the people it touches."""

    commitment: EmployerCommitment
    affected: Sequence[Affected]


@dataclass(frozen=True, slots=True)
class Board:
    """The whole screen."""

    cohort: Cohort
    figures: Figures
    bands: Sequence[Band]
    losses: Sequence[Loss]
    conflicts: Sequence[engine.DateConflict]
    targets: Sequence[MembershipState]
    people: Sequence[int]


def get_board(session: Session, actor: Actor, cohort: Cohort, today: date) -> Board:
    """The screen of a readable cohort; the number of queries does not depend on its people."""
    members = queries.list_members(session, actor, cohort) if queries.sees_people(actor) else []
    counts = seats.count_states(session, cohort)
    losses = _losses(session, members, cohort)
    return Board(
        cohort=cohort,
        figures=get_figures(session, cohort, counts, today),
        bands=_bands(cohort, members, counts) if queries.sees_people(actor) else [],
        losses=losses,
        conflicts=planning.plan(cohort, today).conflicts if cohort.session else [],
        targets=common_targets(cohort, {row.state for row in members}, every=False),
        people=[row.person_id for row in members],
    )


def get_figures(
    session: Session, cohort: Cohort, counts: Counter[MembershipState], today: date
) -> Figures:
    """The numbers at the top of a cohort, at any time."""
    return Figures(
        seats=cohort.seats,
        threshold=cohort.threshold,
        admitted=sum(counts[state] for state in ADMITTED_STATES),
        ready=counts[_M.READY],
        jobs=standing_jobs(cohort.commitments),
        missing=0 if cohort.state in ENDED_COHORT_STATES else missing_jobs(cohort),
        pace=_pace(session, cohort),
        act_before=planning.plan(cohort, today).act_before if cohort.session else None,
    )


def _pace(session: Session, cohort: Cohort) -> engine.Pace | None:
    """What the group becomes at the hub's rates, until the training starts."""
    if cohort.state in STARTED_COHORT_STATES | ENDED_COHORT_STATES:
        return None
    rows = session.scalars(select(CohortMembership).where(CohortMembership.cohort_id == cohort.id))
    return sourcing.get_pace(session, cohort, rows)


def _bands(
    cohort: Cohort, members: Sequence[CohortMembership], counts: Mapping[MembershipState, int]
) -> list[Band]:
    targets = {state: legal_targets(cohort, state) for state in {row.state for row in members}}
    cards: dict[MembershipState, list[Card]] = {state: [] for state in MembershipState}
    for row in members:
        cards[row.state].append(_card(cohort, row, targets[row.state]))
    return [
        Band(
            stage,
            [
                Column(state, cards[state], counts.get(state, 0) - len(cards[state]))
                for state in states_of(stage)
            ],
        )
        for stage in Stage
    ]


def _card(cohort: Cohort, row: CohortMembership, targets: Collection[MembershipState]) -> Card:
    inside = [state for state in targets if state not in COHORT_EXIT_STATES]
    return Card(
        membership=row,
        responsible=responsible_for(row, cohort),
        forward=[state for state in inside if (row.state, state) not in CORRECTIONS],
        corrections=[state for state in inside if (row.state, state) in CORRECTIONS],
        may_leave=len(inside) < len(targets),
    )


def common_targets(
    cohort: Cohort, states: Collection[MembershipState], *, every: bool = True
) -> list[MembershipState]:
    """Where everybody in these states (or, not ``every``, somebody) may go, exits included."""
    if not states:
        return []
    legal = [set(legal_targets(cohort, state)) for state in states]
    kept = set.intersection(*legal) if every else set.union(*legal)
    return [state for state in MembershipState if state in kept]


def get_losses(session: Session, actor: Actor, cohort: Cohort) -> list[Loss]:
    """The employers of a readable cohort who took jobs back, and whom it touches."""
    lost = lost_commitments(cohort)
    seen = queries.list_members(session, actor, cohort) if lost else []
    return _losses(session, seen, cohort)


def _losses(session: Session, members: Sequence[CohortMembership], cohort: Cohort) -> list[Loss]:
    """The losses to deal with; of the people touched, those the actor may see."""
    lost = lost_commitments(cohort)
    if not lost:
        return []
    seen = {row.id for row in members}
    affected = list_affected(session, lost)
    return [
        Loss(row, [one for one in affected[row.id] if one.membership.id in seen]) for row in lost
    ]


def shown_to(actor: Actor) -> Callable[[int], int | None]:
    """How a count of people is told to an actor: whole, or None for « moins de 5 » (INV-15)."""
    return (lambda count: count) if queries.sees_people(actor) else _masked


def exit_words(actor: Actor) -> Callable[[ExitReason], str]:
    """How the reason of an exit is told to an actor.

    What touches health, family or money is for those who open files (§4.8): a hub reads cards.
    """
    opens_files = actor.can(Capability.PEOPLE_READ)

    def said(reason: ExitReason) -> str:
        hidden = reason in PERSONAL_EXITS and not opens_files
        return str(_("raison personnelle")) if hidden else reason.label

    return said


def _masked(count: int) -> int | None:
    return None if 0 < count < _SMALLEST else count


def card_of(cohort: Cohort, row: CohortMembership) -> Card:
    """One person of a cohort."""
    return _card(cohort, row, legal_targets(cohort, row.state))


@dataclass(frozen=True, slots=True)
class Summary:
    """A cohort in a list."""

    admitted: int
    inside: int
    jobs: int
    missing: int


def summary_of(cohort: Cohort, counts: Mapping[MembershipState, int]) -> Summary:
    """The figures of a cohort in a list; ``inside``: those in the group, admitted or not."""
    return Summary(
        admitted=sum(counts.get(state, 0) for state in ADMITTED_STATES),
        inside=sum(n for state, n in counts.items() if state not in COHORT_EXIT_STATES),
        jobs=standing_jobs(cohort.commitments),
        missing=0 if cohort.state in ENDED_COHORT_STATES else missing_jobs(cohort),
    )
