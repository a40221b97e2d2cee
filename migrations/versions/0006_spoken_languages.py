"""spoken languages."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.db import UTCDateTime

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_LEVELS = ("A1", "A2", "B1", "B2", "C1", "C2")
_SOURCES = ("declared", "observed", "immersion", "assessed", "certified")


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "spoken_language",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("language_code", sa.String(length=5), nullable=False),
        sa.Column(
            "level",
            sa.Enum(
                *_LEVELS,
                name="language_level",
                native_enum=False,
                length=40,
                create_constraint=True,
            ),
            nullable=True,
        ),
        sa.Column(
            "source",
            sa.Enum(
                *_SOURCES,
                name="assertion_source",
                native_enum=False,
                length=40,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("asserted_on", sa.Date(), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(timezone=True), nullable=False),
        sa.Column("updated_at", UTCDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["person.id"],
            name=op.f("fk_spoken_language_person_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["account.id"], name=op.f("fk_spoken_language_recorded_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoken_language")),
        sa.UniqueConstraint(
            "person_id", "language_code", name=op.f("uq_spoken_language_person_id_language_code")
        ),
    )
    op.create_index(op.f("ix_spoken_language_person_id"), "spoken_language", ["person_id"])


def downgrade() -> None:
    """Undo."""
    op.drop_table("spoken_language")
