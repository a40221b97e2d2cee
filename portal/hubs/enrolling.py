"""A seat of a cohort is a seat of its session: what each move says to the session.

Called with the lock of the cohort held; the lock of the session follows, always in that order.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.enrolments import from_cohort
from portal.models import COHORT_EXIT_STATES, CohortMembership, ExitReason, MembershipState

_M = MembershipState


def follow(
    session: Session,
    actor: Actor | None,
    membership: CohortMembership,
    target: MembershipState,
    reason: ExitReason | None,
) -> None:
    """Do in the session what the move of a member means there, before the member moves.

    Raises :class:`IllegalTransitionError` when the session refuses: nothing has moved then. A
    cohort without a session has nobody to tell.
    """
    if membership.cohort.session_id is None:
        return
    if target is _M.ADMITTED:
        from_cohort.admit(session, actor, membership)
    elif target is _M.READY and membership.state is _M.ADMITTED:
        from_cohort.give_back(session, actor, membership)
    elif target is _M.IN_TRAINING:
        from_cohort.enter(session, actor, membership)
    elif target is _M.CERTIFIED:
        from_cohort.complete(session, actor, membership)
    elif target is _M.HIRED and membership.state is _M.IN_TRAINING:
        from_cohort.end(session, actor, membership, ExitReason.JOB_FOUND)
    elif target in COHORT_EXIT_STATES and reason is not None:
        from_cohort.end(session, actor, membership, reason)
