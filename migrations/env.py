"""Alembic environment: the same models on SQLite and PostgreSQL."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from portal.config import load_settings
from portal.db import make_engine
from portal.models import Base


def _configure(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )


def run() -> None:
    """Run migrations on the connection given by the caller, or on the configured database."""
    given = context.config.attributes.get("connection")
    if given is not None:
        _run_on(given)
        return
    engine = make_engine(load_settings().database_url)
    with engine.connect() as connection:
        _run_on(connection)
    engine.dispose()


def _run_on(connection: Connection) -> None:
    _configure(connection)
    with context.begin_transaction():
        context.run_migrations()


run()
