"""The frame of a cohort: created, changed, taken from one state to the next."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.hubs import seats as seat_counts
from portal.hubs.rules import COHORT, CohortEndReason, check_cohort, missing_jobs
from portal.locks import lock_row
from portal.models import Cohort, CohortState


def create_cohort(
    session: Session,
    actor: Actor,
    *,
    title: str,
    occupation_code: str,
    seats: int,
    threshold: int,
    project_id: int | None,
) -> Cohort:
    """A draft of the actor's hub; its session is chosen next."""
    cohort = Cohort(
        hub_id=actor.organisation.id,
        coordinator_id=actor.account.id,
        title=title,
        occupation_code=occupation_code,
        seats=seats,
        threshold=threshold,
        project_id=project_id,
    )
    session.add(cohort)
    session.flush()
    record_event(session, actor=actor, subject=cohort, name="cohort_created", to_state="draft")
    return cohort


def change_cohort(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    *,
    title: str,
    seats: int,
    threshold: int,
    project_id: int | None,
) -> None:
    """Change the frame; fewer seats than people already seated are refused (INV-03)."""
    lock_row(session, cohort)
    taken = seat_counts.seated(seat_counts.count_states(session, cohort))
    if seats < taken:
        raise IllegalTransitionError(
            _(
                "%(taken)d personnes ont déjà une place\u00a0: gardez-en au moins autant.",
                taken=taken,
            )
        )
    before = {"seats": cohort.seats, "threshold": cohort.threshold}
    cohort.title, cohort.project_id = title, project_id
    cohort.seats, cohort.threshold = seats, threshold
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=cohort,
        name="cohort_changed",
        details={"before": before, "after": {"seats": seats, "threshold": threshold}},
    )


def move_cohort(
    session: Session,
    actor: Actor,
    cohort: Cohort,
    target: CohortState,
    *,
    reason: CohortEndReason | None = None,
) -> None:
    """Take a cohort to its next state under its lock; the guards are those of the rules.

    Cancelling needs a reason. The event of the start keeps the seats filled (I-25).
    """
    hold(session, cohort)
    counts = seat_counts.count_states(session, cohort)
    check_cohort(cohort, target, counts)
    if target is CohortState.CANCELLED:
        if reason is None:
            raise IllegalTransitionError(_("Dites pourquoi la cohorte est annulée."))
        cohort.end_reason = reason.value
    COHORT.move(
        session,
        cohort,
        target,
        actor=actor,
        name="cohort_moved",
        reason=reason.value if reason else None,
        details={"admitted": seat_counts.seated(counts), "seats": cohort.seats},
    )


def override_jobs(session: Session, actor: Actor, cohort: Cohort, *, reason: str) -> None:
    """Sign an opening with fewer promised jobs than seats (T-HUB-01).

    Refused when no job is missing, without a reason, or once the cohort is open.
    """
    hold(session, cohort)
    if cohort.state is not CohortState.DRAFT:
        raise IllegalTransitionError(_("La cohorte est déjà ouverte."))
    if not missing_jobs(cohort):
        raise IllegalTransitionError(_("Chaque place a son poste promis\u00a0: rien à déroger."))
    if not reason.strip():
        raise IllegalTransitionError(_("Dites pourquoi ouvrir avec moins de postes que de places."))
    cohort.override_reason = reason.strip()
    cohort.override_by_id = actor.account.id
    cohort.override_at = clock.now()
    session.flush()
    session.refresh(cohort, ["override_by"])
    record_event(
        session,
        actor=actor,
        subject=cohort,
        name="jobs_overridden",
        details={"reason": cohort.override_reason, "missing": missing_jobs(cohort)},
    )


def hold(session: Session, cohort: Cohort) -> None:
    """Lock a cohort and read what employers promise it again: guards rest on both."""
    lock_row(session, cohort)
    for commitment in cohort.commitments:
        session.expire(commitment)
    session.refresh(cohort, ["commitments"])
