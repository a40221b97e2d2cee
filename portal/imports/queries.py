"""Imports in the database, as their screen shows them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask_babel import gettext
from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.db import Database
from portal.imports.base import BATCH, Phase
from portal.jobs.queue import LIVE_STATES
from portal.models import (
    ImportKind,
    ImportRejection,
    ImportRun,
    Job,
    JobKind,
    JobState,
    Membership,
)
from portal.web.paging import Page, paginate

RUNS_A_PAGE = 20
SHOWN_REJECTIONS = 50
_SHOWN_JOBS = 10


def _of_my_structure(actor: Actor, column: ColumnElement[int | None]) -> ColumnElement[bool]:
    mine = select(Membership.account_id).where(
        Membership.organisation_id == actor.organisation.id, Membership.active
    )
    return column.in_(mine)


def _readable_runs(actor: Actor) -> ColumnElement[bool]:
    """Public data is everybody's; the import of people belongs to the structure that made it."""
    account = ImportRun.__table__.c.account_id
    return or_(ImportRun.kind != ImportKind.PEOPLE, _of_my_structure(actor, account))


def list_runs(session: Session, actor: Actor, *, number: int) -> Page[ImportRun]:
    """The imports that were written, the latest first."""
    query = (
        select(ImportRun)
        .where(ImportRun.dry_run.is_(False), _readable_runs(actor))
        .options(joinedload(ImportRun.account))
        .order_by(ImportRun.created_at.desc(), ImportRun.id.desc())
    )
    return paginate(session, query, number=number, size=RUNS_A_PAGE)


def list_unfinished(session: Session, actor: Actor) -> list[Job]:
    """The latest jobs under way, refused or cancelled."""
    states = LIVE_STATES | {JobState.FAILED, JobState.CANCELLED}
    query = (
        select(Job)
        .where(
            Job.kind == JobKind.IMPORT,
            Job.state.in_(states),
            _of_my_structure(actor, Job.__table__.c.account_id),
        )
        .order_by(Job.created_at.desc(), Job.id.desc())
        .limit(_SHOWN_JOBS)
    )
    return list(session.scalars(query))


def get_job(session: Session, actor: Actor, public_id: str) -> Job | None:
    """An import of the actor's structure."""
    return session.scalar(
        select(Job).where(
            Job.public_id == public_id,
            Job.kind == JobKind.IMPORT,
            _of_my_structure(actor, Job.__table__.c.account_id),
        )
    )


def get_run(session: Session, actor: Actor, public_id: str) -> ImportRun | None:
    """A report that the actor may read."""
    return session.scalar(
        select(ImportRun)
        .where(ImportRun.public_id == public_id, _readable_runs(actor))
        .options(joinedload(ImportRun.account))
    )


def get_run_of_job(session: Session, job: Job) -> ImportRun | None:
    """The report that a job wrote."""
    return session.scalar(
        select(ImportRun)
        .where(ImportRun.job_id == job.id)
        .options(joinedload(ImportRun.account))
        .order_by(ImportRun.id.desc())
        .limit(1)
    )


def list_rejections(session: Session, run: ImportRun) -> list[ImportRejection]:
    """The first rejected rows, by line."""
    return list(session.scalars(_rejections(run).limit(SHOWN_REJECTIONS)))


def stream_rejections(database: Database, run: ImportRun) -> Iterator[ImportRejection]:
    """All the rejected rows, in a session of their own: they are sent after the request's ends."""
    with database.session(read_only=True) as session:
        result = session.scalars(_rejections(run).execution_options(yield_per=BATCH))
        for rejections in result.partitions():
            yield from rejections
            session.expunge_all()


def _rejections(run: ImportRun) -> Select[ImportRejection]:
    return (
        select(ImportRejection)
        .where(ImportRejection.run_id == run.id)
        .order_by(ImportRejection.line, ImportRejection.id)
    )


@dataclass(frozen=True, slots=True)
class JobView:
    """A job as its page shows it."""

    job: Job
    run: ImportRun | None
    rejections: list[ImportRejection]

    @property
    def is_live(self) -> bool:
        """Whether it is worth asking again."""
        return self.job.state in LIVE_STATES

    @property
    def step(self) -> int:
        """The phase under way, from 1."""
        phases = [phase.value for phase in Phase]
        return phases.index(self.job.phase) + 1 if self.job.phase in phases else 1

    @property
    def steps(self) -> int:
        """How many phases there are."""
        return len(Phase)

    @property
    def outcome(self) -> str:
        """How it ended, in one sentence to be read aloud."""
        if self.job.message:
            return self.job.message
        return str(gettext("L’aperçu est prêt.") if self.is_preview else gettext("C’est importé."))

    @property
    def kind(self) -> ImportKind:
        """What is imported."""
        return ImportKind(self.job.arguments["kind"])

    @property
    def file_name(self) -> str:
        """The name of the file as it was given."""
        return str(self.job.arguments["file_name"])

    @property
    def is_preview(self) -> bool:
        """Whether nothing was to be written."""
        return bool(self.job.arguments["dry_run"])


def view_job(session: Session, job: Job) -> JobView:
    """A job with its report, once it has one."""
    run = get_run_of_job(session, job) if job.state is JobState.DONE else None
    return JobView(job, run, list_rejections(session, run) if run else [])
