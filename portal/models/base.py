"""What every table shares: names of constraints, ids, dates, enumerations with a French label."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from flask_babel import gettext
from sqlalchemy import JSON, Enum, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from portal import clock
from portal.db import UTCDateTime, new_public_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

JsonObject = dict[str, Any]


class Base(DeclarativeBase):
    """The declarative base of every table."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {datetime: UTCDateTime, str: String(255), JsonObject: JSON}  # noqa: RUF012


class LabelledEnum(StrEnum):
    """A closed list: an English identifier, a French label."""

    french: str

    def __new__(cls, value: str, french: str = "") -> Self:
        """Build a member from its stored value and its label."""
        member = str.__new__(cls, value)
        member._value_ = value
        member.french = french
        return member

    @property
    def label(self) -> str:
        """The label in the reader's language."""
        return str(gettext(self.french))

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """(value, label) pairs for a form field."""
        return [(member.value, member.label) for member in cls]


def enum_type(kind: type[StrEnum]) -> Enum:
    """A VARCHAR with a CHECK: the database is the second fence of every closed list."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        length=40,
        values_callable=lambda members: [member.value for member in members],
        name=_constraint_name(kind),
    )


def _constraint_name(kind: type[StrEnum]) -> str:
    return "".join(f"_{c.lower()}" if c.isupper() else c for c in kind.__name__).lstrip("_")


class WithId:
    """A surrogate key that never leaves the database."""

    id: Mapped[int] = mapped_column(primary_key=True)


class WithPublicId(WithId):
    """A row that has a URL: its address carries a random id."""

    public_id: Mapped[str] = mapped_column(String(20), unique=True, default=new_public_id)


class WithDates:
    """When the row was made and last changed."""

    created_at: Mapped[datetime] = mapped_column(default=clock.now)
    updated_at: Mapped[datetime] = mapped_column(
        default=clock.of_changes, onupdate=clock.of_changes
    )
