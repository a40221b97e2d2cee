"""What a coordinator writes about an assignment: pairs, and the lines retained as promises."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.people import is_active
from portal.access.transitions import IllegalTransitionError
from portal.hubs.assignment import Purpose, solve
from portal.locks import lock_row
from portal.matchmaking import cohorts as engine
from portal.models import (
    Cohort,
    CohortMembership,
    CohortPair,
    EmployerCommitment,
    JobPromise,
    PairChoice,
)


def record_pair(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    commitment: EmployerCommitment,
    purpose: Purpose,
    choice: PairChoice,
    wave: int | None = None,
) -> None:
    """Say something of a pair; retained and set aside replace each other, so do yes and no."""
    lock_row(session, membership.cohort)
    against = _AGAINST[choice]
    known = session.scalars(
        select(CohortPair).where(
            CohortPair.membership_id == membership.id,
            CohortPair.commitment_id == commitment.id,
            CohortPair.purpose == purpose.value,
        )
    ).all()
    for row in known:
        if row.choice in against or row.choice is choice:
            session.delete(row)
    session.flush()
    session.add(
        CohortPair(
            membership_id=membership.id,
            commitment_id=commitment.id,
            purpose=purpose.value,
            choice=choice,
            wave=wave,
            by_id=actor.account.id,
        )
    )
    session.flush()
    _note_pair(session, actor, membership, commitment, purpose, choice.value)


def forget_pair(
    session: Session,
    actor: Actor,
    *,
    membership: CohortMembership,
    commitment: EmployerCommitment,
    purpose: Purpose,
) -> None:
    """Take back everything said of a pair."""
    lock_row(session, membership.cohort)
    rows = session.scalars(
        select(CohortPair).where(
            CohortPair.membership_id == membership.id,
            CohortPair.commitment_id == commitment.id,
            CohortPair.purpose == purpose.value,
        )
    )
    for row in rows:
        session.delete(row)
    session.flush()
    _note_pair(session, actor, membership, commitment, purpose, None)


_AGAINST: Mapping[PairChoice, tuple[PairChoice, ...]] = {
    PairChoice.PINNED: (PairChoice.FORBIDDEN,),
    PairChoice.FORBIDDEN: (PairChoice.PINNED,),
    PairChoice.PERSON_REFUSES: (PairChoice.PERSON_WISHES, PairChoice.PINNED),
    PairChoice.PERSON_WISHES: (PairChoice.PERSON_REFUSES,),
    PairChoice.EMPLOYER_REFUSES: (PairChoice.EMPLOYER_WISHES, PairChoice.PINNED),
    PairChoice.EMPLOYER_WISHES: (PairChoice.EMPLOYER_REFUSES,),
}


def _note_pair(
    session: Session,
    actor: Actor,
    membership: CohortMembership,
    commitment: EmployerCommitment,
    purpose: Purpose,
    choice: str | None,
) -> None:
    record_event(
        session,
        actor=actor,
        subject=membership,
        name="pair_said",
        details={"commitment": commitment.public_id, "for": purpose.value, "said": choice},
    )


def retain_jobs(
    session: Session, actor: Actor, *, cohort: Cohort, wanted: Collection[engine.Pairing]
) -> list[JobPromise]:
    """Write the lines of the proposal that the coordinator ticked as promises of a job.

    The proposal is made again under the lock of the cohort: a line that is no longer in it is
    refused, so that what is written is what was looked at.
    """
    lock_row(session, cohort)
    problem = solve(session, cohort=cohort, purpose=Purpose.JOB)
    proposed = {engine.Pairing(a.candidate, a.place) for a in problem.proposal.assignments}
    if not wanted or not proposed.issuperset(wanted):
        raise IllegalTransitionError(
            str(_("La proposition a changé depuis que vous l’avez ouverte. Regardez-la à nouveau."))
        )
    promises = [
        JobPromise(
            membership=problem.members[pair.candidate],
            commitment=problem.spots[pair.place].commitment,
            promised_on=clock.today(),
            by_id=actor.account.id,
        )
        for pair in sorted(wanted)
    ]
    session.add_all(promises)
    session.flush()
    for promise in promises:
        record_event(
            session,
            actor=actor,
            subject=promise.membership,
            name="job_promised",
            details={"commitment": promise.commitment.public_id},
        )
    return promises


def list_promises(session: Session, *, cohort: Cohort) -> list[JobPromise]:
    """The jobs promised to people of a cohort, by person."""
    rows = session.scalars(
        select(JobPromise)
        .join(JobPromise.membership)
        .join(CohortMembership.person)
        .where(CohortMembership.cohort_id == cohort.id, is_active())
        .options(
            joinedload(JobPromise.membership).joinedload(CohortMembership.person),
            joinedload(JobPromise.commitment).joinedload(EmployerCommitment.establishment),
        )
    )
    return sorted(rows, key=lambda row: (row.membership.person.search_name, row.id))


def withdraw_promise(session: Session, actor: Actor, *, promise: JobPromise) -> None:
    """Take back a promise: the job and the person can be placed again."""
    lock_row(session, promise.membership.cohort)
    record_event(
        session,
        actor=actor,
        subject=promise.membership,
        name="job_promise_withdrawn",
        details={"commitment": promise.commitment.public_id},
    )
    session.delete(promise)
    session.flush()
