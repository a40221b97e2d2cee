"""Cohorts for tests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from portal import clock
from portal.hubs.planning import record_plan
from portal.models import (
    COHORT_EXIT_STATES,
    Account,
    Cohort,
    CohortMembership,
    CohortState,
    CommitmentState,
    ContractKind,
    EmployerCommitment,
    ExitReason,
    MembershipState,
    Person,
    TrainingSession,
)
from tests.support.factories import Factory


def make_commitment(
    make: Factory, cohort: Cohort, jobs: int = 4, **values: Any
) -> EmployerCommitment:
    """An employer's promise, confirmed unless said."""
    values.setdefault("state", CommitmentState.CONFIRMED)
    values.setdefault("establishment", make.establishment())
    values.setdefault("jobs_promised", jobs)
    values.setdefault("contract", ContractKind.CDD)
    row: EmployerCommitment = make.add(EmployerCommitment(cohort=cohort, jobs=jobs, **values))
    return row


def make_cohort(
    make: Factory,
    coordinator: Account,
    *,
    seats: int = 12,
    threshold: int = 9,
    jobs: Sequence[int] = (12,),
    state: CohortState = CohortState.OPEN,
    starts_in: int = 120,
    training: TrainingSession | None = None,
    **values: Any,
) -> Cohort:
    """A cohort of the coordinator's hub with its session, its plan and its promises."""
    values.setdefault("title", "Constructeur de routes et voirie")
    cohort: Cohort = make.add(
        Cohort(
            hub_id=coordinator.memberships[0].organisation_id,
            coordinator_id=coordinator.id,
            occupation_code=make.occupation().code,
            session=training or make.session_of_training(starts_in=starts_in, lasts=70),
            seats=seats,
            threshold=threshold,
            state=state,
            **values,
        )
    )
    for count in jobs:
        make_commitment(make, cohort, count)
    record_plan(make.session, cohort, clock.today())
    make.session.refresh(cohort)
    return cohort


def put(
    make: Factory,
    cohort: Cohort,
    person: Person,
    state: MembershipState = MembershipState.SOURCED,
    **values: Any,
) -> CohortMembership:
    """A person in a state of the cohort, as its lawful moves would have left it."""
    if state is MembershipState.WAITING:
        waiting = [row for row in _members(make, cohort) if row.rank]
        values.setdefault("rank", len(waiting) + 1)
    if state in COHORT_EXIT_STATES:
        values.setdefault("exit_reason", ExitReason.OTHER)
        values.setdefault("next_step", "Rendez-vous avec le référent")
        values.setdefault("next_step_owner_id", person.owner_id)
    row: CohortMembership = make.add(
        CohortMembership(
            cohort_id=cohort.id,
            person_id=person.id,
            prescriber_id=values.pop("prescriber_id", person.owner_id),
            state=state,
            state_since=clock.now() - timedelta(days=1),
            **values,
        )
    )
    return row


def _members(make: Factory, cohort: Cohort) -> list[CohortMembership]:
    return list(make.session.query(CohortMembership).filter_by(cohort_id=cohort.id))
