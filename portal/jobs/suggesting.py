"""Recomputing everyone's suggestions as a job, some people at a time."""

from __future__ import annotations

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.jobs import queue
from portal.jobs.progress import CancelledError, JobProgress, StoppedError
from portal.models import Job, JobKind, JobState

log = logging.getLogger(__name__)


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
    """Replace every suggestion by blocks of people; the job closes with the last of them.

    Cancelled or broken in between, it says how many have their new suggestions: the others keep
    the former ones.
    """
    # Imported here: the engine and its numeric libraries are slow to load, other jobs need none.
    from portal.matchmaking.batch import refresh_in_blocks

    reached = [0, 0]

    def report(phase: str, done: int, total: int) -> None:
        reached[:] = done, total
        progress.report(phase, done, total)

    def finish(session: Session) -> None:
        queue.close(session, held, JobState.DONE, None)

    try:
        refresh_in_blocks(database, report, finish)
    except CancelledError:
        with database.transaction() as session:
            message = f"Annulé. {_standing(*reached)}"
            queue.close(session, held, JobState.CANCELLED, message)
    except (queue.LostClaimError, StoppedError):
        raise
    except Exception as error:
        log.exception("suggestions stopped after %s people of %s", *reached)
        raise InputError(
            f"Le calcul s’est arrêté sur une erreur de notre part. {_standing(*reached)}"
            " L’erreur est dans le journal du serveur."
        ) from error


def _standing(done: int, total: int) -> str:
    if not done:
        return "Toutes les personnes gardent leurs propositions précédentes."
    counts = f"{done:,} personnes sur {total:,}".replace(",", "\u202f")
    return f"{counts} ont leurs nouvelles propositions\u00a0; les autres gardent les précédentes."
