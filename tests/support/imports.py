"""Running imports in tests, and counting what a database holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from portal.db import Database
from portal.imports.pipeline import run_import
from portal.imports.registry import make_importer
from portal.imports.source import Source
from portal.models import Base, ImportKind, ImportRun

# The schema's own table, and what exists before any import.
_LEFT_OUT = {"alembic_version"}


def import_file(database: Database, kind: ImportKind, path: Path, **values: Any) -> ImportRun:
    """Import a file or folder of a kind."""
    return run_import(database, make_importer(kind), Source.of(path), **values)


def figures(run: ImportRun) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rejected."""
    return run.created, run.changed, run.unchanged, run.rejected


def row_counts(database: Database) -> dict[str, int]:
    """The number of rows of every table that has some."""
    with database.session(read_only=True) as session:
        counts = {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0
            for table in Base.metadata.sorted_tables
            if table.name not in _LEFT_OUT
        }
    return {name: count for name, count in counts.items() if count}
