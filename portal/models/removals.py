"""What tells of changes in the tables that matchmaking keeps in memory."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from portal.models.base import Base, WithDates, WithId
from portal.models.offers import JobOffer, OfferRequirement
from portal.models.people import Interest, Person
from portal.models.skills import Credential, SkillAssertion
from portal.models.trainings import (
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    TrainingSession,
)

#: The tables whose removals are noted by a trigger, and the column that says whose a row is.
REMOVALS_NOTED: dict[Any, str] = {
    Person: "id",
    SkillAssertion: "person_id",
    Credential: "person_id",
    Interest: "person_id",
    JobOffer: "id",
    OfferRequirement: "offer_id",
    TrainingSession: "id",
    SessionSkill: "session_id",
    SessionCredential: "session_id",
    SessionPrerequisite: "session_id",
}
for _model in REMOVALS_NOTED:
    Index(f"ix_{_model.__tablename__}_updated_at", _model.updated_at)


class RowGone(WithId, Base):
    """A row was removed: written by the database itself, so that no way of removing is missed.

    Only keys: nothing tells who it was about once the row is gone. ``noted_at`` is by the clock
    of the database; notes are forgotten once no process can still need them.
    """

    __tablename__ = "row_gone"
    __table_args__ = (
        Index("ix_row_gone_table_name_id", "table_name", "id"),
        Index("ix_row_gone_table_name_noted_at", "table_name", "noted_at"),
    )

    table_name: Mapped[str] = mapped_column(String(40))
    owner_id: Mapped[int]
    noted_at: Mapped[datetime]


class IndexGeneration(WithDates, Base):
    """An index made of the rows of this database, and kept on the disk of some machine.

    Its name is random, and written once its rows are read: a database put back as it was before
    does not know it, nor does the one whose transaction failed.
    """

    __tablename__ = "index_generation"

    name: Mapped[str] = mapped_column(String(16), primary_key=True)
