"""marks of changes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Each table that matchmaking keeps in memory, and the column that says whose a row is.
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
_NOTE = "INSERT INTO row_gone (table_name, owner_id) VALUES"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "row_gone",
        sa.Column("table_name", sa.String(length=40), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_row_gone")),
    )
    op.create_index("ix_row_gone_table_name_id", "row_gone", ["table_name", "id"])
    for table, owner in WATCHED.items():
        op.create_index(f"ix_{table}_updated_at", table, ["updated_at"])
        _note_removals(table, owner)


def _note_removals(table: str, owner: str) -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            f"CREATE TRIGGER note_gone_{table} AFTER DELETE ON {table} FOR EACH ROW"
            f" BEGIN {_NOTE} ('{table}', OLD.{owner}); END"
        )
        return
    op.execute(
        f"CREATE FUNCTION note_gone_{table}() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN {_NOTE} ('{table}', OLD.{owner}); RETURN NULL; END $$"
    )
    op.execute(
        f"CREATE TRIGGER note_gone_{table} AFTER DELETE ON {table}"
        f" FOR EACH ROW EXECUTE FUNCTION note_gone_{table}()"
    )


def downgrade() -> None:
    """Undo."""
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in WATCHED:
        op.execute(f"DROP TRIGGER note_gone_{table}" + ("" if on_sqlite else f" ON {table}"))
        if not on_sqlite:
            op.execute(f"DROP FUNCTION note_gone_{table}()")
        op.drop_index(f"ix_{table}_updated_at", table_name=table)
    op.drop_index("ix_row_gone_table_name_id", table_name="row_gone")
    op.drop_table("row_gone")
