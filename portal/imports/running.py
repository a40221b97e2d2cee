"""Imports as jobs: put in the queue by the screen, run by a worker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.imports.base import Phase
from portal.imports.pipeline import run_import
from portal.imports.registry import make_importer
from portal.imports.source import Source
from portal.imports.uploads import Upload, forget_upload, get_upload, path_of
from portal.jobs import queue
from portal.jobs.progress import CancelledError, JobProgress
from portal.jobs.suggesting import enqueue_suggest
from portal.models import ImportKind, ImportRun, Job, JobKind, JobState


def enqueue_import(
    session: Session,
    upload: Upload,
    *,
    dry_run: bool,
    options: Mapping[str, Any] | None = None,
) -> Job:
    """Queue the import of a stored file (a preview when ``dry_run``); flushed."""
    return queue.enqueue(
        session,
        JobKind.IMPORT,
        account_id=upload.account_id,
        arguments={
            "upload": upload.token,
            "kind": upload.kind.value,
            "file_name": upload.file_name,
            "organisation_id": upload.organisation_id,
            "dry_run": dry_run,
            "options": dict(options or {}),
        },
    )


class _Follower:
    """Turns the steps of a run into progress of its job."""

    def __init__(self, progress: JobProgress) -> None:
        self._progress = progress

    def step(self, phase: Phase, done: int, total: int | None) -> None:
        self._progress.report(phase.value, done, total, silent=phase is Phase.WRITE)


def run_import_job(
    database: Database, settings: Settings, held: queue.Claim, progress: JobProgress
) -> None:
    """Run the import; the job is closed in the very transaction that writes the data.

    The file is deleted once it is imported, refused or cancelled; a preview keeps it.
    """
    token = str(held.arguments["upload"])
    try:
        _run(database, settings, held, progress)
    except (InputError, CancelledError):
        forget_upload(settings, token)
        raise
    if not held.arguments["dry_run"]:
        forget_upload(settings, token)


def _run(database: Database, settings: Settings, held: queue.Claim, progress: JobProgress) -> None:
    upload = get_upload(settings, str(held.arguments["upload"]))
    if upload is None:
        raise InputError("Le fichier n’est plus sur le serveur : déposez-le de nouveau.")

    def seal(session: Session, run: ImportRun) -> None:
        queue.close(session, held, JobState.DONE, None)
        if not run.dry_run and run.kind is not ImportKind.COMMUNES and run.created + run.changed:
            enqueue_suggest(session, account_id=held.account_id)

    options = {
        **dict(held.arguments["options"]),
        "organisation_id": upload.organisation_id,
    }
    run_import(
        database,
        make_importer(upload.kind, options),
        Source.of(path_of(settings, upload.token), upload.file_name),
        dry_run=bool(held.arguments["dry_run"]),
        account_id=held.account_id,
        job_id=held.job_id,
        monitor=_Follower(progress),
        seal=seal,
    )
