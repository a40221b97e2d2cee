"""The table of jobs: put, claim, follow, cancel, close."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, CursorResult, and_, or_, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import Job, JobKind, JobState

MOST_ATTEMPTS = 3
# Longer than any silence of a living worker: on SQLite nothing can be written while an import
# holds the one write lock.
LEASE = timedelta(minutes=2)
LIVE_STATES = frozenset({JobState.WAITING, JobState.RUNNING})


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of a worker; ``attempt`` tells this claim from an earlier one."""

    job_id: int
    kind: JobKind
    account_id: int | None
    arguments: Mapping[str, Any]
    attempt: int


class LostClaimError(Exception):
    """The job is no longer this worker's: another claimed it, or it was cancelled."""


def enqueue(
    session: Session, kind: JobKind, *, account_id: int | None, arguments: dict[str, Any]
) -> Job:
    """Put a job in the queue; flushed."""
    job = Job(kind=kind, account_id=account_id, arguments=arguments)
    session.add(job)
    session.flush()
    return job


def claim(database: Database) -> Claim | None:
    """Take the oldest job that waits, or whose worker has died; None when there is none."""
    now = clock.now()
    abandon_lost(database)
    wanted = or_(Job.state == JobState.WAITING, _orphaned())
    with database.session(read_only=True) as session:
        if session.scalar(select(Job.id).where(wanted).limit(1)) is None:
            return None  # nothing to write: the one write lock of SQLite is left to others
    with database.transaction() as session:
        candidate = (
            select(Job.id)
            .where(wanted)
            .order_by(Job.created_at, Job.id)
            .limit(1)
            # Ignored by SQLite, which has a single writer anyway.
            .with_for_update(skip_locked=True)
        )
        row = session.execute(
            update(Job)
            .where(Job.id == candidate.scalar_subquery(), Job.state.in_(LIVE_STATES))
            .values(
                state=JobState.RUNNING,
                attempts=Job.attempts + 1,
                heartbeat_at=now,
                phase=None,
                done=0,
                total=None,
                updated_at=now,
            )
            .returning(Job.id, Job.kind, Job.account_id, Job.arguments, Job.attempts)
            .execution_options(synchronize_session=False)
        ).one_or_none()
    return Claim(*row) if row else None


def abandon_lost(database: Database) -> None:
    """Close the jobs that lost their worker too many times, or that were to be cancelled."""
    now = clock.now()
    stale = and_(Job.state == JobState.RUNNING, Job.heartbeat_at < now - LEASE)
    with database.session(read_only=True) as session:
        if session.scalar(select(Job.id).where(stale, _hopeless()).limit(1)) is None:
            return
    with database.transaction() as session:
        for state, condition, message in _ENDS:
            values = {"state": state, "message": message, "finished_at": now, "updated_at": now}
            session.execute(update(Job).where(stale, condition).values(values))


_ENDS = (
    (
        JobState.CANCELLED,
        and_(Job.cancel_asked, Job.kind == JobKind.IMPORT),
        "Annulé : rien n’a été écrit.",
    ),
    (
        JobState.CANCELLED,
        and_(Job.cancel_asked, Job.kind == JobKind.SUGGEST),
        "Annulé. Les personnes que le calcul n’a pas atteintes gardent leurs propositions.",
    ),
    (
        JobState.FAILED,
        and_(Job.attempts >= MOST_ATTEMPTS, Job.kind == JobKind.IMPORT),
        "Ce travail s’est arrêté trois fois sans finir : rien n’a été écrit. "
        "Vérifiez le fichier, puis recommencez.",
    ),
    (
        JobState.FAILED,
        and_(Job.attempts >= MOST_ATTEMPTS, Job.kind == JobKind.SUGGEST),
        "Ce calcul s’est arrêté trois fois sans finir. Les personnes qu’il n’a pas atteintes "
        "gardent leurs propositions. Recommencez, et prévenez-nous si cela dure.",
    ),
)


def _hopeless() -> ColumnElement[bool]:
    return or_(Job.cancel_asked, Job.attempts >= MOST_ATTEMPTS)


def _orphaned() -> ColumnElement[bool]:
    old = Job.heartbeat_at < clock.now() - LEASE
    return and_(Job.state == JobState.RUNNING, old, Job.attempts < MOST_ATTEMPTS)


def _mine(held: Claim) -> ColumnElement[bool]:
    return and_(Job.id == held.job_id, Job.state == JobState.RUNNING, Job.attempts == held.attempt)


def record_progress(
    database: Database, held: Claim, *, phase: str, done: int, total: int | None
) -> bool:
    """Write progress and heartbeat; whether somebody asked to cancel. Raises LostClaimError."""
    now = clock.now()
    with database.transaction() as session:
        asked = session.scalar(
            update(Job)
            .where(_mine(held))
            .values(phase=phase, done=done, total=total, heartbeat_at=now, updated_at=now)
            .returning(Job.cancel_asked)
            .execution_options(synchronize_session=False)
        )
    if asked is None:
        raise LostClaimError
    return bool(asked)


def is_cancel_asked(database: Database, held: Claim) -> bool:
    """The same question without writing (where a write would wait for oneself)."""
    with database.session(read_only=True) as session:
        return bool(session.scalar(select(Job.cancel_asked).where(Job.id == held.job_id)))


def close(session: Session, held: Claim, state: JobState, message: str | None) -> None:
    """End the job in the caller's transaction. Raises LostClaimError: the caller rolls back."""
    now = clock.now()
    result = session.execute(
        update(Job)
        .where(_mine(held))
        .values(state=state, message=message, finished_at=now, heartbeat_at=now, updated_at=now)
        .execution_options(synchronize_session=False)
    )
    assert isinstance(result, CursorResult)
    if result.rowcount != 1:
        raise LostClaimError


def release(database: Database, held: Claim) -> None:
    """Put the job back for another worker: this one is being stopped, the job is not to blame."""
    with database.transaction() as session:
        session.execute(
            update(Job)
            .where(_mine(held))
            .values(state=JobState.WAITING, attempts=Job.attempts - 1, updated_at=clock.now())
            .execution_options(synchronize_session=False)
        )


def ask_cancel(session: Session, job: Job) -> None:
    """Ask a live job to stop; one that nobody has taken stops at once."""
    now = clock.now()
    waiting = session.execute(
        update(Job)
        .where(Job.id == job.id, Job.state == JobState.WAITING)
        .values(
            state=JobState.CANCELLED,
            cancel_asked=True,
            message="Annulé avant de commencer.",
            finished_at=now,
        )
        .execution_options(synchronize_session=False)
    )
    assert isinstance(waiting, CursorResult)
    if not waiting.rowcount:
        session.execute(
            update(Job)
            .where(Job.id == job.id, Job.state == JobState.RUNNING)
            .values(cancel_asked=True)
            .execution_options(synchronize_session=False)
        )
    session.refresh(job)
