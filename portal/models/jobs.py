"""Long work done outside a request, and what imports brought."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.models.base import (
    Base,
    JsonObject,
    LabelledEnum,
    WithDates,
    WithId,
    WithPublicId,
    enum_type,
)
from portal.models.offers import JobOffer
from portal.models.organisations import Account
from portal.models.people import Person
from portal.text import N_


class JobKind(LabelledEnum):
    """What a job does."""

    IMPORT = "import", N_("import")
    SUGGEST = "suggest", N_("calcul des propositions")


class JobState(LabelledEnum):
    """Where a job stands."""

    WAITING = "waiting", N_("en attente")
    RUNNING = "running", N_("en cours")
    DONE = "done", N_("terminé")
    FAILED = "failed", N_("refusé")
    CANCELLED = "cancelled", N_("annulé")


class Job(WithPublicId, WithDates, Base):
    """A job claimed by one worker; a worker that dies leaves it to be claimed again."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_state", "state", "created_at"),)

    kind: Mapped[JobKind] = mapped_column(enum_type(JobKind))
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.WAITING)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    arguments: Mapped[JsonObject] = mapped_column(default=dict)
    phase: Mapped[str | None]
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    heartbeat_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    cancel_asked: Mapped[bool] = mapped_column(default=False)
    message: Mapped[str | None] = mapped_column(Text)
    finished_at: Mapped[datetime | None]

    account: Mapped[Account | None] = relationship()


class ImportKind(LabelledEnum):
    """What an import brings."""

    ROME = "rome", N_("Référentiel ROME")
    COMMUNES = "communes", N_("Communes")
    CATALOGUE = "catalogue", N_("Catalogue de formation (LHEO)")
    OFFERS = "offers", N_("Offres France Travail")
    PEOPLE = "people", N_("Personnes")


class ImportRun(WithPublicId, WithDates, Base):
    """A file that was read: its counts, kept for good; its rejected rows are beside it."""

    __tablename__ = "import_run"

    kind: Mapped[ImportKind] = mapped_column(enum_type(ImportKind))
    file_name: Mapped[str]
    sha256: Mapped[str] = mapped_column(String(64))
    dry_run: Mapped[bool] = mapped_column(default=False)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    job_id: Mapped[int | None] = mapped_column(ForeignKey("job.id"))
    read: Mapped[int] = mapped_column(default=0)
    created: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    rejected: Mapped[int] = mapped_column(default=0)
    details: Mapped[JsonObject] = mapped_column(default=dict)
    """Counts of each part: {part: {read, created, changed, unchanged, rejected, retired…}}."""

    account: Mapped[Account | None] = relationship()
    rejections: Mapped[list[ImportRejection]] = relationship(
        back_populates="run", cascade="all, delete-orphan"
    )


class ImportRejection(WithId, Base):
    """A row that was refused: where, which field, why."""

    __tablename__ = "import_rejection"

    run_id: Mapped[int] = mapped_column(ForeignKey("import_run.id", ondelete="CASCADE"), index=True)
    line: Mapped[int | None]
    field: Mapped[str | None]
    reason: Mapped[str] = mapped_column(Text)

    run: Mapped[ImportRun] = relationship(back_populates="rejections")


class DuplicateState(LabelledEnum):
    """What a human said of two files that look like one person."""

    TO_DECIDE = "to_decide", N_("à décider")
    SAME = "same", N_("même personne")
    DIFFERENT = "different", N_("deux personnes")


class DuplicateCandidate(WithPublicId, WithDates, Base):
    """A row of a people import that looks like a person already known: asked, never merged.

    ``row`` is what the file said, emptied once decided. A row that is « the same person » stays
    here as another identifier of that person, so that the next file does not ask again.
    """

    __tablename__ = "duplicate_candidate"
    __table_args__ = (UniqueConstraint("owner_id", "external_ref"),)

    owner_id: Mapped[int] = mapped_column(ForeignKey("organisation.id"), index=True)
    external_ref: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id", ondelete="CASCADE"), index=True)
    run_id: Mapped[int | None] = mapped_column(ForeignKey("import_run.id", ondelete="SET NULL"))
    row: Mapped[JsonObject] = mapped_column(default=dict)
    state: Mapped[DuplicateState] = mapped_column(
        enum_type(DuplicateState), default=DuplicateState.TO_DECIDE
    )
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))

    person: Mapped[Person] = relationship()


class Suggestion(Base):
    """A job among the first of a person's list, as last computed for everyone."""

    __tablename__ = "suggestion"
    __table_args__ = (
        CheckConstraint("rank >= 1", name="rank"),
        Index("ix_suggestion_offer_group", "offer_id", "group_code"),
    )

    person_id: Mapped[int] = mapped_column(
        ForeignKey("person.id", ondelete="CASCADE"), primary_key=True
    )
    rank: Mapped[int] = mapped_column(primary_key=True)
    offer_id: Mapped[int] = mapped_column(ForeignKey("job_offer.id", ondelete="CASCADE"))
    group_code: Mapped[str] = mapped_column(String(20))
    ready_by: Mapped[date | None]
    unknown: Mapped[int]
    gap: Mapped[int]
    minutes: Mapped[float]
    engine_version: Mapped[str] = mapped_column(String(40))
    computed_at: Mapped[datetime]

    person: Mapped[Person] = relationship()
    offer: Mapped[JobOffer] = relationship()
