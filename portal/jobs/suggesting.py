"""Recomputing everyone's suggestions as a job."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.jobs import queue
from portal.jobs.progress import JobProgress
from portal.models import Job, JobKind, JobState

_WRITING = "écriture"


def enqueue_suggest(session: Session, *, account_id: int | None) -> None:
    """Queue a recomputation, unless one is already waiting."""
    waiting = select(Job.id).where(Job.kind == JobKind.SUGGEST, Job.state == JobState.WAITING)
    if session.scalar(waiting.limit(1)) is None:
        queue.enqueue(session, JobKind.SUGGEST, account_id=account_id, arguments={})


def run_suggest_job(
    database: Database,
    settings: Settings,  # noqa: ARG001 -- every handler is called alike
    held: queue.Claim,
    progress: JobProgress,
) -> None:
    """Replace every suggestion and close the job, in one transaction."""
    # Imported here: the engine and its numeric libraries are slow to load, other jobs need none.
    from portal.matchmaking.batch import refresh_suggestions

    def report(phase: str, done: int, total: int) -> None:
        progress.report(phase, done, total, silent=phase == _WRITING)

    with database.transaction() as session:
        refresh_suggestions(session, report)
        queue.close(session, held, JobState.DONE, None)
