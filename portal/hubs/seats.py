"""The seats of a cohort and its waiting list, read and written under its lock (INV-03)."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal.locks import lock_row
from portal.models import COHORT_SEATED_STATES, Cohort, CohortMembership, MembershipState


def count_states(session: Session, cohort: Cohort) -> Counter[MembershipState]:
    """The people of a cohort by state."""
    rows = session.execute(
        select(CohortMembership.state, func.count(CohortMembership.id).label("members"))
        .where(CohortMembership.cohort_id == cohort.id)
        .group_by(CohortMembership.state)
    )
    return Counter({row.state: row.members for row in rows})


def seated(counts: Counter[MembershipState]) -> int:
    """How many hold a seat."""
    return sum(counts[state] for state in COHORT_SEATED_STATES)


def free_seats(session: Session, cohort: Cohort) -> int:
    """How many seats are left; hold the lock of the cohort to decide anything with it."""
    return cohort.seats - seated(count_states(session, cohort))


def last_rank(session: Session, cohort_id: int) -> int:
    """The rank of the last person on the waiting list, 0 when nobody waits."""
    query = select(func.max(CohortMembership.rank)).where(CohortMembership.cohort_id == cohort_id)
    return session.scalar(query) or 0


def close_gap(session: Session, cohort_id: int, rank: int) -> None:
    """Move up everybody who waited behind a rank that is free now."""
    session.execute(
        update(CohortMembership)
        .where(CohortMembership.cohort_id == cohort_id, CohortMembership.rank > rank)
        .values(rank=CohortMembership.rank - 1),
        execution_options={"synchronize_session": "fetch"},
    )


def set_rank(session: Session, membership: CohortMembership, rank: int) -> None:
    """Put somebody who waits at a rank of the list; the others keep their order.

    Raises ``ValueError`` when the person does not wait or the rank is not on the list.
    """
    lock_row(session, membership.cohort)
    session.refresh(membership)
    waiting = list(
        session.scalars(
            select(CohortMembership)
            .where(
                CohortMembership.cohort_id == membership.cohort_id,
                CohortMembership.state == MembershipState.WAITING,
            )
            .order_by(CohortMembership.rank)
            .execution_options(populate_existing=True)
        )
    )
    if membership not in waiting or not 1 <= rank <= len(waiting):
        raise ValueError(f"rank {rank} is not on the waiting list")
    waiting.remove(membership)
    waiting.insert(rank - 1, membership)
    for place, row in enumerate(waiting, start=1):
        row.rank = place
    session.flush()
