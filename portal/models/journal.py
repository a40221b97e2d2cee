"""What happened and who looked: both append-only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import clock
from portal.models.base import Base, JsonObject, LabelledEnum, WithId, enum_type
from portal.models.organisations import Account, Organisation
from portal.text import N_


class DomainEvent(WithId, Base):
    """A transition or a decision: what, on what, by whom, when, why."""

    __tablename__ = "domain_event"
    __table_args__ = (Index("ix_domain_event_subject", "subject_kind", "subject_id"),)

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    name: Mapped[str] = mapped_column(String(64))
    from_state: Mapped[str | None] = mapped_column(String(40))
    to_state: Mapped[str | None] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(64))
    details: Mapped[JsonObject] = mapped_column(default=dict)

    account: Mapped[Account | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()


class AccessKind(LabelledEnum):
    """How a person's data was read."""

    LIST = "list", N_("liste")
    FILE = "file", N_("fiche")
    EXPORT = "export", N_("export")
    REFUSED = "refused", N_("accès refusé")


class AccessLog(WithId, Base):
    """A professional read data of a named person (INV-17), or was refused."""

    __tablename__ = "access_log"
    __table_args__ = (Index("ix_access_log_person_at", "person_id", "at"),)

    at: Mapped[datetime] = mapped_column(default=clock.now, index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id"))
    organisation_id: Mapped[int | None] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id", ondelete="SET NULL"))
    kind: Mapped[AccessKind] = mapped_column(enum_type(AccessKind))
    endpoint: Mapped[str] = mapped_column(String(80))
    context: Mapped[str | None]

    account: Mapped[Account | None] = relationship()
    organisation: Mapped[Organisation | None] = relationship()
