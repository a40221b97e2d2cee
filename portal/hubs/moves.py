"""Moving people along a cohort: the one way, under the lock of the cohort.

Every move waits for the cohort's lock, so two coordinators never work from the same stale state:
the second reads what the first wrote, and is refused what is no longer legal. The lock of the
cohort's session comes second, never first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.hubs import seats
from portal.hubs.enrolling import follow
from portal.hubs.rules import MEMBERSHIP, check_membership
from portal.locks import lock_row
from portal.models import (
    COHORT_EXIT_STATES,
    CohortMembership,
    ExitReason,
    MembershipState,
    Organisation,
)


class NoSeatError(IllegalTransitionError):
    """Every seat of the cohort is taken."""


@dataclass(frozen=True, slots=True)
class Leaving:
    """What an exit must say: why, what comes next, and which structure takes it (T-HUB-04)."""

    reason: ExitReason
    next_step: str
    owner: Organisation


def move_membership(
    session: Session,
    actor: Actor | None,
    membership: CohortMembership,
    target: MembershipState,
    *,
    leaving: Leaving | None = None,
) -> None:
    """Move one person, or raise :class:`IllegalTransitionError` and change nothing.

    An exit needs ``leaving`` and a human: without an actor (the engine, a job) it is refused
    (INV-09). An admission needs a free seat (:class:`NoSeatError`); see :func:`admit`. Entering
    the waiting list gives the last rank, leaving it closes the gap. The positioning in the
    cohort's session follows, under the session's lock, and may refuse (:func:`follow`).
    """
    lock_row(session, membership.cohort)
    session.refresh(membership)
    check_membership(membership.cohort, membership.state, target)
    _check_exit(actor, target, leaving)
    if target is MembershipState.ADMITTED and seats.free_seats(session, membership.cohort) < 1:
        raise NoSeatError(str(_("Toutes les places sont prises.")))
    follow(session, actor, membership, target, leaving.reason if leaving else None)
    _write(session, actor, membership, target, leaving)


def _check_exit(actor: Actor | None, target: MembershipState, leaving: Leaving | None) -> None:
    if target not in COHORT_EXIT_STATES:
        return
    if actor is None:
        raise IllegalTransitionError(str(_("Une sortie est décidée par une personne.")))
    if leaving is None or not leaving.next_step.strip():
        raise IllegalTransitionError(str(_("Dites pourquoi, ce qui suit, et qui s’en charge.")))


def _write(
    session: Session,
    actor: Actor | None,
    membership: CohortMembership,
    target: MembershipState,
    leaving: Leaving | None,
) -> None:
    freed = membership.rank
    waits = target is MembershipState.WAITING
    rank = seats.last_rank(session, membership.cohort_id) + 1 if waits else None
    # No query from here to the flush of the move: rank, reason and state go together.
    membership.rank = rank
    membership.exit_reason = leaving.reason if leaving else None
    membership.next_step = leaving.next_step.strip() if leaving else None
    membership.next_step_owner_id = leaving.owner.id if leaving else None
    membership.state_since = clock.now()
    MEMBERSHIP.move(
        session,
        membership,
        target,
        actor=actor,
        name="membership_moved",
        reason=leaving.reason.value if leaving else None,
        details={"rank": rank} if rank else None,
    )
    session.expire(membership, ["next_step_owner"])
    if freed is not None:
        seats.close_gap(session, membership.cohort_id, freed)


def admit(session: Session, actor: Actor, membership: CohortMembership) -> MembershipState:
    """Give a ready person the next seat, or the last rank of the waiting list; say which."""
    try:
        move_membership(session, actor, membership, MembershipState.ADMITTED)
    except NoSeatError:
        move_membership(session, actor, membership, MembershipState.WAITING)
    return membership.state


@dataclass(slots=True)
class Moved:
    """What a move of several people did: who moved, and who did not, with the reason."""

    done: list[CohortMembership] = field(default_factory=list)
    refused: list[tuple[CohortMembership, str]] = field(default_factory=list)

    @property
    def waiting(self) -> list[CohortMembership]:
        """Those who found no seat and wait."""
        return [row for row in self.done if row.state is MembershipState.WAITING]


def move_many(
    session: Session,
    actor: Actor,
    memberships: Iterable[CohortMembership],
    target: MembershipState,
    *,
    leaving_of: Callable[[CohortMembership], Leaving] | None = None,
) -> Moved:
    """Move each person who may be moved, in the order given; the others stay, with the reason.

    An admission without a seat left puts on the waiting list, in that order.
    """
    moved = Moved()
    for row in memberships:
        try:
            if target is MembershipState.ADMITTED:
                admit(session, actor, row)
            else:
                leaving = leaving_of(row) if leaving_of else None
                move_membership(session, actor, row, target, leaving=leaving)
        except IllegalTransitionError as refusal:
            moved.refused.append((row, refusal.message))
        else:
            moved.done.append(row)
    return moved
