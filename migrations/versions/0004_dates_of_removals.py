"""dates of removals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from portal.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

WATCHED = {
    "person": "id",
    "skill_assertion": "person_id",
    "credential": "person_id",
    "interest": "person_id",
    "job_offer": "id",
    "offer_requirement": "offer_id",
    "training_session": "id",
    "session_skill": "session_id",
    "session_credential": "session_id",
    "session_prerequisite": "session_id",
}
# As SQLAlchemy writes an instant there, in UTC with six decimals; three of them are known.
_SQLITE_NOW = "strftime('%Y-%m-%d %H:%M:%f', 'now') || '000'"
_POSTGRES_NOW = "clock_timestamp()"
_INTO = "INSERT INTO row_gone"


def upgrade() -> None:
    """Apply. Notes without a date served processes that this upgrade has stopped."""
    _stop_noting()
    op.execute("DELETE FROM row_gone")
    with op.batch_alter_table("row_gone") as batch:
        batch.add_column(sa.Column("noted_at", UTCDateTime(timezone=True), nullable=False))
    op.create_index("ix_row_gone_table_name_noted_at", "row_gone", ["table_name", "noted_at"])
    _note(dated=True)


def downgrade() -> None:
    """Undo."""
    _stop_noting()
    op.drop_index("ix_row_gone_table_name_noted_at", table_name="row_gone")
    with op.batch_alter_table("row_gone") as batch:
        batch.drop_column("noted_at")
    _note(dated=False)


def _on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def _stop_noting() -> None:
    """SQLite makes the table again, which no trigger may name meanwhile."""
    for table in WATCHED if _on_sqlite() else ():
        op.execute(f"DROP TRIGGER note_gone_{table}")


def _note(*, dated: bool) -> None:
    for table, owner in WATCHED.items():
        if _on_sqlite():
            op.execute(
                f"CREATE TRIGGER note_gone_{table} AFTER DELETE ON {table} FOR EACH ROW"
                f" BEGIN {_insert(table, owner, _SQLITE_NOW if dated else None)}; END"
            )
        else:
            noted = _insert(table, owner, _POSTGRES_NOW if dated else None)
            op.execute(
                f"CREATE OR REPLACE FUNCTION note_gone_{table}() RETURNS trigger"
                f" LANGUAGE plpgsql AS $$ BEGIN {noted}; RETURN NULL; END $$"
            )


def _insert(table: str, owner: str, now: str | None) -> str:
    if now is None:
        return f"{_INTO} (table_name, owner_id) VALUES ('{table}', OLD.{owner})"
    return f"{_INTO} (table_name, owner_id, noted_at) VALUES ('{table}', OLD.{owner}, {now})"
