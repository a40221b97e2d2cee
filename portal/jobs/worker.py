"""The worker: claims jobs one after the other until it is told to stop."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from importlib import import_module

from sqlalchemy.exc import SQLAlchemyError

from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.jobs import queue
from portal.jobs.indexing import IndexKeeper
from portal.jobs.progress import CancelledError, JobProgress, StoppedError
from portal.jobs.upkeep import Upkeep
from portal.messages.sending import send_due
from portal.models import JobKind, JobState

log = logging.getLogger(__name__)

Handler = Callable[[Database, Settings, queue.Claim, JobProgress], None]
"""Does a job and closes it with ``queue.close`` in the transaction of its last write."""

# « module:function », loaded when the first job of the kind is claimed.
HANDLERS: dict[JobKind, str] = {
    JobKind.IMPORT: "portal.imports.running:run_import_job",
    JobKind.SUGGEST: "portal.jobs.suggesting:run_suggest_job",
}
#: What forgets the files that wait to be imported, loaded when it runs as handlers are.
FORGET_FILES = "portal.imports.uploads:purge_uploads"
#: Second argument of ``python -m portal.jobs``: the worker of a demonstration.
DEMO = "demo"
_PAUSE_SECONDS = 1.0
_UNEXPECTED = (
    "Le travail s’est arrêté sur une erreur de notre part : rien n’a été écrit. "
    "L’erreur est dans le journal du serveur."
)


def run_worker(database: Database, settings: Settings, stop: threading.Event) -> None:
    """Do jobs until ``stop`` is set; the one under way is finished or rolled back first."""
    upkeep, keeper = Upkeep(database, stop), IndexKeeper(database, settings)
    while not stop.is_set():
        if upkeep.run_if_due():
            forget_files(settings)
        send_due(database, settings)
        try:
            keeper.run_if_due()
            worked = run_next(database, settings, stop)
        except SQLAlchemyError:
            log.exception("the queue cannot be read; trying again")
            worked = False
        if not worked:
            stop.wait(_PAUSE_SECONDS)
    keeper.stop()


def forget_files(settings: Settings) -> None:
    """Delete files of people left behind: previewed, then neither imported nor cancelled."""
    module, _, function = FORGET_FILES.partition(":")
    try:
        getattr(import_module(module), function)(settings)
    except OSError as error:
        log.error("files to import cannot be forgotten: %s", error.strerror)


def run_next(database: Database, settings: Settings, stop: threading.Event | None = None) -> bool:
    """Do one job if there is one; whether there was."""
    held = queue.claim(database)
    if held is None:
        return False
    progress = JobProgress(database, held, stop)
    try:
        _handler(held.kind)(database, settings, held, progress)
    except queue.LostClaimError:
        log.warning("job %s was taken over or cancelled; nothing of it was written", held.job_id)
    except StoppedError:
        queue.release(database, held)
    except CancelledError:
        _close(database, held, JobState.CANCELLED, "Annulé : rien n’a été écrit.")
    except InputError as error:
        _close(database, held, JobState.FAILED, str(error))
    except Exception:
        log.exception("job %s failed", held.job_id)
        _close(database, held, JobState.FAILED, _UNEXPECTED)
    return True


def _handler(kind: JobKind) -> Handler:
    module, _, name = HANDLERS[kind].partition(":")
    handler: Handler = getattr(import_module(module), name)
    return handler


def _close(database: Database, held: queue.Claim, state: JobState, message: str) -> None:
    try:
        with database.transaction() as session:
            queue.close(session, held, state, message)
    except queue.LostClaimError:
        log.warning("job %s was closed by another worker", held.job_id)


def start_worker_process(settings: Settings) -> subprocess.Popen[bytes]:
    """Start a worker beside this process; it stops by itself when this process is gone.

    The caller ends it with ``terminate()`` and ``wait()``.
    """
    environment = {
        **os.environ,
        "ECLUSE_HOME": str(settings.home),
        "ECLUSE_DATABASE_URL": settings.database_url,
        "ECLUSE_PUBLIC_URL": settings.public_url,
    }
    command = [sys.executable, "-m", "portal.jobs", str(os.getpid())]
    if settings.demo:
        command.append(DEMO)
    return subprocess.Popen(command, env=environment)  # noqa: S603 -- our own interpreter


def stop_on_signals() -> threading.Event:
    """An event set by SIGTERM and SIGINT."""
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    return stop


def stop_with_parent(parent: int, stop: threading.Event) -> None:
    """Set ``stop`` when the process ``parent`` is gone, so that no worker outlives its server."""

    def watch() -> None:
        while not stop.wait(_PAUSE_SECONDS):
            if os.getppid() != parent:
                stop.set()

    threading.Thread(target=watch, name="parent", daemon=True).start()
