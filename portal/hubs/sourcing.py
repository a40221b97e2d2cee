"""How many people to invite, shared over the prescribers, and how far each one's people get.

A person goes through four steps before a seat: coming to the information meeting, being selected,
an immersion they liked, and the admission. The rate of a step is the hub's own once twenty people
were seen there, else a dated parameter (``data/step_rates.csv``; ``domain.md`` §3.5, T-HUB-02).
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from pathlib import Path

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.matchmaking import cohorts as engine
from portal.models import (
    Cohort,
    CohortMembership,
    CohortState,
    DomainEvent,
    LabelledEnum,
    MembershipState,
    Organisation,
    Referral,
    SourcingTarget,
)
from portal.text import N_

_S = MembershipState
_RATES = Path(__file__).parent / "data" / "step_rates.csv"


class Step(LabelledEnum):
    """What stands between an invitation and a seat."""

    INFORMATION = "information", N_("vient à l’information collective")
    SELECTION = "selection", N_("est retenue")
    IMMERSION = "immersion", N_("fait une immersion qui lui plaît")
    ADMISSION = "admission", N_("entre en formation")


STEPS = tuple(Step)
# How many steps a person is through in each state; 0 is invited. Before, they do not count yet.
_STEPS_DONE: Mapping[MembershipState, int] = {
    _S.TOLD: 0,
    _S.INTERESTED: 0,
    _S.ENROLLED_INFO: 0,
    _S.ABSENT: 0,
    _S.PRESENT: 1,
    _S.WAITING: 1,
    _S.SELECTED: 2,
    _S.IMMERSION_PLANNED: 2,
    _S.IMMERSION_DONE: 2,
    _S.PREPARING: 3,
    _S.READY: 3,
    _S.ADMITTED: 4,
    _S.IN_TRAINING: 4,
    _S.CERTIFIED: 4,
    _S.HIRED: 4,
    _S.FOLLOWED_M3: 4,
    _S.FOLLOWED_M6: 4,
}
#: Cohorts whose recruitment is over: what they saw of each step is final.
PAST_STATES = frozenset(
    {CohortState.TRAINING, CohortState.HIRING, CohortState.FOLLOW_UP, CohortState.CLOSED}
)


@dataclass(frozen=True, slots=True)
class Journey:
    """Every state a person went through in a cohort, the present one included."""

    membership: CohortMembership
    reached: frozenset[MembershipState]

    @property
    def invited(self) -> bool:
        """Whether the person was told of the cohort."""
        return any(state in _STEPS_DONE for state in self.reached)

    @property
    def steps_done(self) -> int:
        """How many steps the person went through, the last immersion counted if it was liked."""
        done = max((_STEPS_DONE.get(state, 0) for state in self.reached), default=0)
        liked = _S.IMMERSION_DONE in self.reached and self.membership.immersion_liked is True
        return max(done, 3) if liked else done

    @property
    def left_waiting(self) -> bool:
        """Whether no seat came free: selection was never decided for want of one."""
        return self.membership.state is _S.WAITING


@cache
def _dated_parameters() -> tuple[tuple[engine.StepParameter, date | None], ...]:
    with _RATES.open(encoding="utf-8", newline="") as file:
        return tuple(
            (
                engine.StepParameter(
                    Step(row["step"]).value,
                    Fraction(row["rate"]),
                    date.fromisoformat(row["valid_from"]),
                    row["source"],
                ),
                date.fromisoformat(row["valid_until"]) if row["valid_until"] else None,
            )
            for row in csv.DictReader(file)
        )


def parameters(on: date) -> tuple[engine.StepParameter, ...]:
    """The default rates in force on a day; a new version adds lines to the file (INV-07)."""
    return tuple(
        parameter for parameter, until in _dated_parameters() if until is None or until >= on
    )


def list_journeys(session: Session, memberships: Iterable[CohortMembership]) -> list[Journey]:
    """What these people went through, from the journal of transitions, in one query."""
    rows = list(memberships)
    reached: dict[int, set[MembershipState]] = defaultdict(set)
    query = select(DomainEvent.subject_id, DomainEvent.from_state, DomainEvent.to_state).where(
        DomainEvent.subject_kind == CohortMembership.__tablename__,
        DomainEvent.subject_id.in_([row.id for row in rows]),
    )
    known = {state.value: state for state in _S}
    for subject, source, target in session.execute(query):
        reached[subject].update(known[value] for value in (source, target) if value in known)
    return [Journey(row, frozenset(reached[row.id] | {row.state})) for row in rows]


def tallies(journeys: Collection[Journey]) -> dict[str, engine.Tally]:
    """For each step, how many went through out of those who came to it.

    People left on the waiting list count nowhere from the selection on: it was decided by the
    number of seats, not by them.
    """
    found = {}
    for number, step in enumerate(STEPS):
        seen = [
            journey.steps_done > number
            for journey in journeys
            if journey.invited
            and journey.steps_done >= number
            and not (step is Step.SELECTION and journey.left_waiting)
        ]
        found[step.value] = engine.Tally(sum(seen), len(seen))
    return found


def get_rates(session: Session, hub_id: int) -> tuple[engine.StepRate, ...]:
    """The rate of each step for a hub today, and where it comes from."""
    past = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.cohort)
        .where(Cohort.hub_id == hub_id, Cohort.state.in_(PAST_STATES))
    )
    history = tallies(list_journeys(session, past))
    today = clock.today()
    return engine.step_rates(parameters(today), history, today)


def get_plan(session: Session, cohort: Cohort) -> engine.SourcingPlan:
    """How many people to invite for the seats of a cohort, with its interval."""
    return engine.sourcing_plan(cohort.seats, get_rates(session, cohort.hub_id))


def next_step_of(membership: CohortMembership) -> Step | None:
    """The step a person is before; None once admitted, once gone, or before being invited."""
    if membership.state is _S.WAITING:
        return None
    done = _STEPS_DONE.get(membership.state)
    if done is None:
        return None
    if membership.state is _S.IMMERSION_DONE and membership.immersion_liked:
        done = 3
    return STEPS[done] if done < len(STEPS) else None


def get_pace(
    session: Session,
    cohort: Cohort,
    memberships: Iterable[CohortMembership],
    rates: Sequence[engine.StepRate] | None = None,
) -> engine.Pace:
    """« À ce rythme : 8 sur 12 »: what the people of the cohort become at the hub's rates.

    ``rates``: those of its hub, when the caller asks for several cohorts of one hub.
    """
    rows = list(memberships)
    admitted = sum(_STEPS_DONE.get(row.state) == len(STEPS) for row in rows)
    waiting = Counter(step.value for row in rows if (step := next_step_of(row)) is not None)
    used = get_rates(session, cohort.hub_id) if rates is None else rates
    return engine.pace(cohort.seats, admitted, waiting, used)


# Targets and funnel -----------------------------------------------------------------------


def list_targets(session: Session, cohort: Cohort) -> list[SourcingTarget]:
    """What each prescriber is asked, by name."""
    rows = session.scalars(
        select(SourcingTarget)
        .where(SourcingTarget.cohort_id == cohort.id)
        .options(joinedload(SourcingTarget.prescriber))
    )
    return sorted(rows, key=lambda row: row.prescriber.name)


def list_prescribers(session: Session, cohort: Cohort) -> list[Organisation]:
    """The structures that follow people where the cohort recruits, or were asked already."""
    departement = departement_of(cohort)
    following = select(Referral.organisation_id).where(Referral.end.is_(None))
    asked = select(SourcingTarget.prescriber_id).where(SourcingTarget.cohort_id == cohort.id)
    rows = session.scalars(
        select(Organisation)
        .where(
            or_(
                and_(
                    Organisation.departement_code == departement,
                    Organisation.active,
                    Organisation.id.in_(following),
                ),
                Organisation.id.in_(asked),
            )
        )
        .order_by(Organisation.name, Organisation.id)
    )
    return list(rows)


def list_people(session: Session, cohort: Cohort) -> Sequence[CohortMembership]:
    """Everybody ever proposed to a cohort, to be counted by prescriber."""
    return session.scalars(
        select(CohortMembership)
        .where(CohortMembership.cohort_id == cohort.id)
        .options(joinedload(CohortMembership.prescriber))
    ).all()


def departement_of(cohort: Cohort) -> str | None:
    """Where the cohort recruits: the hub's département, else that of its session."""
    if cohort.hub.departement_code is not None:
        return cohort.hub.departement_code
    commune = cohort.session.commune if cohort.session else None
    return commune.departement_code if commune else None


def suggested_targets(total: int, pools: Mapping[int, int]) -> dict[int, int]:
    """``total`` invitations shared over prescribers in proportion to whom they follow."""
    if not pools:
        return {}
    shared = engine.share(total, {str(key): count for key, count in pools.items()})
    return {int(key): count for key, count in shared.items()}


def record_targets(
    session: Session, actor: Actor, *, cohort: Cohort, targets: Mapping[int, int]
) -> None:
    """Set what each prescriber is asked, by organisation id; nought takes the request away."""
    known = {row.prescriber_id: row for row in list_targets(session, cohort)}
    for prescriber_id, target in targets.items():
        row = known.get(prescriber_id)
        if row is not None and target == 0:
            session.delete(row)
        elif row is not None:
            row.target = target
        elif target > 0:
            session.add(
                SourcingTarget(cohort_id=cohort.id, prescriber_id=prescriber_id, target=target)
            )
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=cohort,
        name="targets_set",
        details={"targets": {str(key): value for key, value in targets.items()}},
    )


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """How many people of a prescriber got where; ``target`` None when nothing was asked."""

    prescriber: Organisation | None
    target: int | None
    proposed: int
    told: int
    answered: int
    yes: int
    present: int
    selected: int
    admitted: int


_YES = frozenset(_STEPS_DONE) - {_S.TOLD}


def funnel_of(
    journeys: Iterable[Journey], targets: Sequence[SourcingTarget]
) -> tuple[list[FunnelRow], FunnelRow]:
    """A row for each prescriber, by name, and the whole."""
    by_prescriber: dict[int, list[Journey]] = defaultdict(list)
    names = {row.prescriber_id: row.prescriber for row in targets}
    for journey in journeys:
        by_prescriber[journey.membership.prescriber_id].append(journey)
        names.setdefault(journey.membership.prescriber_id, journey.membership.prescriber)
    asked = {row.prescriber_id: row.target for row in targets}
    rows = [
        _funnel_row(prescriber, asked.get(key), by_prescriber.get(key, []))
        for key, prescriber in names.items()
    ]
    every = [journey for found in by_prescriber.values() for journey in found]
    whole = _funnel_row(None, sum(asked.values()) if asked else None, every)
    return sorted(rows, key=lambda row: row.prescriber.name if row.prescriber else ""), whole


def _funnel_row(
    prescriber: Organisation | None, target: int | None, journeys: Collection[Journey]
) -> FunnelRow:
    return FunnelRow(
        prescriber=prescriber,
        target=target,
        proposed=len(journeys),
        told=sum(j.invited for j in journeys),
        answered=sum(_has_answered(j) for j in journeys),
        yes=sum(bool(j.reached & _YES) for j in journeys),
        present=sum(j.steps_done >= 1 for j in journeys),
        selected=sum(j.steps_done >= 2 for j in journeys),
        admitted=sum(j.steps_done >= 4 for j in journeys),
    )


def _has_answered(journey: Journey) -> bool:
    """Yes or no, but something: who cannot be reached has not answered."""
    said_no = journey.membership.state in {_S.WITHDRAWN, _S.REDIRECTED}
    return bool(journey.reached & _YES) or (journey.invited and said_no)
