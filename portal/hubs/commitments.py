"""What employers promise to a cohort, and whom it touches when they take it back (T-HUB-03)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from sqlalchemy import and_, select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import is_active
from portal.access.transitions import IllegalTransitionError
from portal.hubs.rules import COMMITMENT, ENDED_COHORT_STATES, LOST
from portal.locks import lock_row
from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortMembership,
    CommitmentReason,
    CommitmentState,
    ContractKind,
    EmployerCommitment,
    Establishment,
    Immersion,
    ImmersionPlace,
    ImmersionState,
    JobPromise,
)

_OVER = (ImmersionState.CLOSED, ImmersionState.REFUSED, ImmersionState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Terms:
    """What an employer promises."""

    jobs: int
    contract: ContractKind
    contract_months: int | None
    tutor_name: str | None
    note: str | None


@dataclass(frozen=True, slots=True)
class Affected:
    """Somebody whom a loss touches: a promised job, or an immersion not over yet."""

    membership: CohortMembership
    has_job: bool
    immersion_from: date | None


def get_commitment(cohort: Cohort, public_id: str) -> EmployerCommitment | None:
    """A commitment of a cohort the caller may already read."""
    return next((row for row in cohort.commitments if row.public_id == public_id), None)


def record_commitment(
    session: Session, actor: Actor, cohort: Cohort, *, employer: Establishment, terms: Terms
) -> EmployerCommitment:
    """Note a promise. Raises when this employer already promised, or the cohort has ended."""
    lock_row(session, cohort)
    _refuse_ended(cohort)
    session.refresh(cohort, ["commitments"])
    if any(row.establishment_id == employer.id for row in cohort.commitments):
        raise IllegalTransitionError(_("Cet employeur a déjà un engagement ici\u00a0: changez-le."))
    row = EmployerCommitment(
        cohort=cohort,
        establishment=employer,
        jobs_promised=terms.jobs,
        jobs=terms.jobs,
        contract=terms.contract,
        contract_months=terms.contract_months,
        tutor_name=terms.tutor_name,
        note=terms.note,
    )
    session.add(row)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=row,
        name="commitment_promised",
        to_state=row.state.value,
        details={"jobs": row.jobs},
    )
    return row


def change_commitment(
    session: Session, actor: Actor, row: EmployerCommitment, *, terms: Terms
) -> None:
    """Change the terms of a promise that still stands.

    Fewer jobs are a reduction, which needs a reason and alerts: it is refused here.
    """
    lock_row(session, row.cohort)
    session.refresh(row)
    _refuse_ended(row.cohort)
    if row.state not in (CommitmentState.PROMISED, CommitmentState.CONFIRMED):
        raise IllegalTransitionError(_("Cet engagement ne se change plus."))
    if terms.jobs < row.jobs:
        raise IllegalTransitionError(
            _("Moins de postes qu’avant\u00a0: notez une réduction, avec sa raison.")
        )
    before = row.jobs
    row.jobs, row.jobs_promised = terms.jobs, max(terms.jobs, row.jobs_promised)
    row.contract, row.contract_months = terms.contract, terms.contract_months
    row.tutor_name, row.note = terms.tutor_name, terms.note
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=row,
        name="commitment_changed",
        details={"jobs_before": before, "jobs": row.jobs},
    )


def move_commitment(
    session: Session, actor: Actor, row: EmployerCommitment, target: CommitmentState
) -> None:
    """Confirm or fulfil a commitment; a loss goes through :func:`lose_jobs`."""
    if target in LOST:
        raise IllegalTransitionError(_("Dites combien de postes restent, et pourquoi."))
    lock_row(session, row.cohort)
    session.refresh(row)
    _refuse_ended(row.cohort)
    COMMITMENT.move(
        session, row, target, actor=actor, name="commitment_moved", details={"jobs": row.jobs}
    )


def lose_jobs(
    session: Session,
    actor: Actor,
    row: EmployerCommitment,
    *,
    jobs: int,
    reason: CommitmentReason,
) -> None:
    """The employer keeps ``jobs`` of its promise, none when it withdraws.

    The event is the coordinator's alert: « Ma journée » reads the state at once (T-HUB-03).
    """
    lock_row(session, row.cohort)
    session.refresh(row)
    _refuse_ended(row.cohort)
    if not 0 <= jobs < row.jobs:
        raise IllegalTransitionError(
            _("Il restait %(jobs)d postes\u00a0: donnez un nombre plus petit.", jobs=row.jobs)
        )
    lost = row.jobs - jobs
    target = CommitmentState.REDUCED if jobs else CommitmentState.WITHDRAWN
    COMMITMENT.check(row.state, target)
    row.jobs, row.reason = jobs, reason
    COMMITMENT.move(
        session,
        row,
        target,
        actor=actor,
        name="commitment_lost",
        reason=reason.value,
        details={"lost": lost, "jobs": jobs},
    )


def _refuse_ended(cohort: Cohort) -> None:
    if cohort.state in ENDED_COHORT_STATES:
        raise IllegalTransitionError(_("La cohorte est terminée\u00a0: ses engagements se lisent."))


def record_places(
    session: Session, actor: Actor, row: EmployerCommitment, *, places: Sequence[ImmersionPlace]
) -> None:
    """Set the immersion places by wave; a wave without a capacity is taken away."""
    lock_row(session, row.cohort)
    _refuse_ended(row.cohort)
    known = {place.wave: place for place in row.places}
    for given in places:
        place = known.get(given.wave)
        if place is not None and given.capacity == 0:
            row.places.remove(place)
        elif place is not None:
            place.start, place.end, place.capacity = given.start, given.end, given.capacity
        elif given.capacity:
            row.places.append(given)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=row,
        name="places_set",
        details={"capacities": {str(place.wave): place.capacity for place in row.places}},
    )


def lost_commitments(cohort: Cohort) -> list[EmployerCommitment]:
    """The commitments whose employer took jobs back."""
    return [row for row in cohort.commitments if row.state in LOST]


def list_affected(
    session: Session, commitments: Collection[EmployerCommitment]
) -> dict[int, list[Affected]]:
    """The people each of these commitments holds by a job or an immersion; two queries.

    Those who left the cohort, or are in no list any more, are not touched.
    """
    jobs = _with_a_job(session, commitments)
    immersions = _in_immersion(session, commitments)
    found: dict[int, list[Affected]] = {}
    for row in commitments:
        here = {member.id: member for member in jobs[row.id]}
        days: dict[int, date] = {}
        for member, start in immersions[row.id]:
            here[member.id] = member
            days[member.id] = min(start, days.get(member.id, start))
        with_job = {member.id for member in jobs[row.id]}
        found[row.id] = [Affected(m, m.id in with_job, days.get(m.id)) for m in here.values()]
    return found


def _with_a_job(
    session: Session, commitments: Collection[EmployerCommitment]
) -> dict[int, list[CohortMembership]]:
    rows = session.scalars(
        select(JobPromise)
        .join(JobPromise.membership)
        .join(CohortMembership.person)
        .where(
            JobPromise.commitment_id.in_([row.id for row in commitments]),
            CohortMembership.state.not_in(COHORT_EXIT_STATES),
            is_active(),
        )
        .options(joinedload(JobPromise.membership).joinedload(CohortMembership.person))
        .order_by(JobPromise.id)
    )
    found: dict[int, list[CohortMembership]] = defaultdict(list)
    for promise in rows:
        found[promise.commitment_id].append(promise.membership)
    return found


def _in_immersion(
    session: Session, commitments: Collection[EmployerCommitment]
) -> dict[int, list[tuple[CohortMembership, date]]]:
    rows = session.execute(
        select(EmployerCommitment.id, CohortMembership, Immersion.start)
        .join(
            Immersion,
            and_(
                Immersion.cohort_id == EmployerCommitment.cohort_id,
                Immersion.establishment_id == EmployerCommitment.establishment_id,
            ),
        )
        .join(
            CohortMembership,
            and_(
                CohortMembership.cohort_id == Immersion.cohort_id,
                CohortMembership.person_id == Immersion.person_id,
            ),
        )
        .join(CohortMembership.person)
        .where(
            EmployerCommitment.id.in_([row.id for row in commitments]),
            Immersion.state.not_in(_OVER),
            CohortMembership.state.not_in(COHORT_EXIT_STATES),
            is_active(),
        )
        .options(joinedload(CohortMembership.person))
        .order_by(Immersion.start, Immersion.id)
    )
    found: dict[int, list[tuple[CohortMembership, date]]] = defaultdict(list)
    for commitment_id, membership, start in rows:
        found[commitment_id].append((membership, start))
    return found
