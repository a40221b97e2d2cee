"""Run an import: read and stage, compare, then write everything in one transaction."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.imports.base import (
    BATCH,
    Context,
    Counts,
    Importer,
    Item,
    Monitor,
    Phase,
    Rejection,
    SilentMonitor,
)
from portal.imports.source import Source
from portal.imports.stage import Stage
from portal.models import ImportKind, ImportRejection, ImportRun

_IMPORT_LOCK = 0x6563_6C75  # « eclu »: an advisory lock of PostgreSQL, one import writes at a time
_MANY = 1_000
_COUNTED = ("read", "created", "changed", "unchanged", "rejected")

Seal = Callable[[Session, ImportRun], None]


class _DryRun(Exception):  # noqa: N818 -- not an error: the way out of a transaction
    """Leaves the write phase so that it is rolled back."""


def run_import(
    database: Database,
    importer: Importer,
    source: Source,
    *,
    dry_run: bool = False,
    account_id: int | None = None,
    job_id: int | None = None,
    monitor: Monitor | None = None,
    seal: Seal | None = None,
) -> ImportRun:
    """Import ``source`` and return its report (detached, counts filled).

    A dry run does everything and rolls it back, then keeps its report. ``seal`` runs last in
    the transaction that writes the report (a job marks itself done there; it may raise to
    undo everything). Raises RefusedFileError, or
    what the monitor raises to stop, with nothing written.
    """
    with Stage() as stage:
        context = Context(stage, Counts(), monitor or SilentMonitor(), account_id)
        run = ImportRun(
            kind=importer.kind,
            file_name=source.name[:255],
            sha256=source.sha256(),
            dry_run=dry_run,
            account_id=account_id,
            job_id=job_id,
        )
        _read(importer, source, context)
        _compare(database, importer, context)
        return _write(database, importer, context, run, seal)


def _read(importer: Importer, source: Source, context: Context) -> None:
    for number, found in enumerate(importer.read(source, context)):
        if number % BATCH == 0:
            context.monitor.step(Phase.READ, source.bytes_read, source.total_bytes)
        context.counts.add(found.part, "read")
        if isinstance(found, Rejection):
            _reject(context, found)
        elif (first := context.stage.add(found)) is not None:
            _reject(context, Rejection(found.line, None, _twice(first), found.part))
    context.monitor.step(Phase.READ, source.total_bytes, source.total_bytes)


def _twice(line: int) -> str:
    place = f", à la ligne {line}" if line else ""
    return f"Cette ligne est déjà dans le fichier{place} : la première a été gardée."


def _reject(context: Context, rejection: Rejection) -> None:
    context.counts.add(rejection.part, "rejected")
    context.stage.reject(rejection)


def _compare(database: Database, importer: Importer, context: Context) -> None:
    total, done = context.stage.count(), 0
    with database.session(read_only=True) as session:
        for part in importer.parts:
            for items in context.stage.batches(part):
                context.monitor.step(Phase.COMPARE, done, total)
                _judge(importer, session, items, context)
                session.expunge_all()
                done += len(items)
        context.monitor.step(Phase.COMPARE, done, total)
        context.monitor.step(Phase.PREPARE, 0, 1)
        importer.prepare(session, context)
        context.monitor.step(Phase.PREPARE, 1, 1)


def _judge(importer: Importer, session: Session, items: list[Item], context: Context) -> None:
    accepted = []
    for item, verdict in zip(items, importer.compare(session, items, context), strict=True):
        if isinstance(verdict, Rejection):
            _reject(context, verdict)
            context.stage.drop(item.part, item.key)
        else:
            context.counts.add(item.part, verdict.value)
            accepted.append((item, verdict))
    context.stage.judge(accepted)


def _write(
    database: Database, importer: Importer, context: Context, run: ImportRun, seal: Seal | None
) -> ImportRun:
    try:
        with database.transaction() as session:
            _one_at_a_time(session)
            _open_run(session, context, run)
            # They are found by the date of their run, however long it lasts.
            with clock.changes_at(run.created_at):
                _apply(session, importer, context)
            if run.dry_run:
                raise _DryRun
            _close_run(session, context, run, seal)
            _announce(session, run)
    except _DryRun:
        run = _copy(run)
        with database.transaction() as session:
            _open_run(session, context, run)
            _close_run(session, context, run, seal)
    return run


def _one_at_a_time(session: Session) -> None:
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _IMPORT_LOCK})


def _open_run(session: Session, context: Context, run: ImportRun) -> None:
    session.add(run)
    session.flush()
    context.run_id = run.id


def _apply(session: Session, importer: Importer, context: Context) -> None:
    total, done = context.stage.count(to_write=True), 0
    for part in importer.parts:
        for items in context.stage.batches(part, to_write=True):
            context.monitor.step(Phase.WRITE, done, total)
            importer.apply(session, items, context)
            session.flush()
            done += len(items)
    importer.finish(session, context)
    context.monitor.step(Phase.WRITE, done, total)


def _close_run(session: Session, context: Context, run: ImportRun, seal: Seal | None) -> None:
    for what in _COUNTED:
        setattr(run, what, context.counts.total(what))
    run.details = {part: dict(counter) for part, counter in context.counts.by_part.items() if part}
    for rejections in context.stage.rejections():
        session.execute(
            insert(ImportRejection),
            [
                {"run_id": run.id, "line": r.line, "field": r.field, "reason": r.reason}
                for r in rejections
            ],
        )
    session.flush()
    if seal:
        seal(session, run)


def _announce(session: Session, run: ImportRun) -> None:
    """Have ready the index of what a large import brings: no page waits for it after the commit.

    What a small one brings is read by each process, in less time than making an index takes; but
    where communes are is in all the distances.
    """
    if run.created + run.changed < (1 if run.kind is ImportKind.COMMUNES else _MANY):
        return
    # Imported here: the engine and its numeric libraries are slow to load, small imports need none.
    from portal.matchmaking.world import cache_of

    cache_of(session).announce(session)


def _copy(run: ImportRun) -> ImportRun:
    """The rolled-back report again, to be kept this time."""
    kept = ("kind", "file_name", "sha256", "dry_run", "account_id", "job_id")
    return ImportRun(**{name: getattr(run, name) for name in kept})
