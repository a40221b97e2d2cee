"""Selection on a situation exercise and on motivation, decided by people, never by the engine."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import is_active
from portal.access.transitions import IllegalTransitionError
from portal.hubs import seats
from portal.hubs.moves import Leaving, move_membership
from portal.models import Cohort, CohortMembership, LabelledEnum, MembershipState
from portal.text import N_

_S = MembershipState
_SHOWN = (_S.PRESENT, _S.SELECTED, _S.WAITING, _S.NOT_SELECTED, _S.REDIRECTED)


class Decision(LabelledEnum):
    """What is decided after the exercise."""

    SELECTED = "selected", N_("retenue")
    WAITING = "waiting", N_("en attente")
    REDIRECTED = "redirected", N_("réorientée")
    NOT_SELECTED = "not_selected", N_("non retenue")

    @property
    def target(self) -> MembershipState:
        """The state it leads to."""
        return MembershipState(self.value)

    @property
    def ends(self) -> bool:
        """Whether it needs a reason, a next step and its owner (T-HUB-04)."""
        return self in (Decision.REDIRECTED, Decision.NOT_SELECTED)


def list_to_select(session: Session, *, cohort: Cohort) -> list[CohortMembership]:
    """Those who came to a meeting: to decide on first, then selected, waiting by rank, and gone.

    Within a state the order is that of names: the engine's groups say nothing here.
    """
    rows = session.scalars(
        select(CohortMembership)
        .join(CohortMembership.person)
        .where(
            CohortMembership.cohort_id == cohort.id,
            CohortMembership.state.in_(_SHOWN),
            is_active(),
        )
        .options(
            joinedload(CohortMembership.person),
            joinedload(CohortMembership.prescriber),
            joinedload(CohortMembership.next_step_owner),
        )
    )
    return sorted(
        rows,
        key=lambda row: (_SHOWN.index(row.state), row.rank or 0, row.person.search_name, row.id),
    )


def record_notes(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    exercise: str | None,
    motivation: str | None,
) -> None:
    """What was seen at the exercise, and what the person said of their wish."""
    membership.exercise, membership.motivation = exercise, motivation
    session.flush()
    record_event(session, actor=actor, subject=membership, name="selection_noted")


def decide(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    decision: Decision,
    leaving: Leaving | None = None,
) -> None:
    """Write a decision taken after an exercise; raises ``IllegalTransitionError``."""
    if membership.state is _S.PRESENT and not (membership.exercise or membership.motivation):
        raise IllegalTransitionError(
            str(_("Notez d’abord l’exercice de mise en situation ou la motivation."))
        )
    given = leaving if decision.ends else None
    move_membership(session, actor, membership, decision.target, leaving=given)


def move_rank(session: Session, actor: Actor, *, membership: CohortMembership, by: int) -> None:
    """Move somebody who waits up (-1) or down (1); at the end of the list nothing moves."""
    if membership.rank is None:
        raise IllegalTransitionError(str(_("Cette personne n’est pas en attente.")))
    wanted = membership.rank + by
    if not 1 <= wanted <= seats.last_rank(session, membership.cohort_id):
        return
    seats.set_rank(session, membership, wanted)
    record_event(
        session, actor=actor, subject=membership, name="rank_moved", details={"rank": wanted}
    )
