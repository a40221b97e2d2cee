"""Time and memory of an import on an empty database: the whole process, as a server would see it.

    python scripts/measure_import.py rome ../shared/data/rome
    python scripts/measure_import.py --starter --twice rome ../shared/data/rome

``--database URL`` measures on PostgreSQL (an empty database); SQLite in a temporary folder
otherwise. Memory is the highest resident size of the process, in megabytes.
"""

from __future__ import annotations

import argparse
import itertools
import resource
import tempfile
import time
from pathlib import Path

from portal import schema
from portal.db import Database
from portal.imports.base import Phase
from portal.imports.pipeline import run_import
from portal.imports.registry import make_importer
from portal.imports.source import Source
from portal.models import ImportKind
from portal.reference.load import load_starter


class Stopwatch:
    """Notes when each phase starts."""

    def __init__(self) -> None:
        self.starts: dict[Phase, float] = {}

    def step(self, phase: Phase, done: int, total: int | None) -> None:  # noqa: ARG002
        """Note the first step of a phase."""
        self.starts.setdefault(phase, time.monotonic())

    def seconds(self) -> dict[str, float]:
        """The length of each phase."""
        moments = [*self.starts.values(), time.monotonic()]
        names = [phase.name.lower() for phase in self.starts]
        spans = itertools.pairwise(moments)
        return {
            name: round(end - start, 1) for name, (start, end) in zip(names, spans, strict=True)
        }


def measure(url: str, kind: ImportKind, path: Path, *, starter: bool, times: int) -> None:
    """Import on a migrated database, and print what it took."""
    database = Database(url)
    schema.upgrade(database.engine)
    if starter:
        with database.transaction() as session:
            load_starter(session)
    for _ in range(times):
        stopwatch = Stopwatch()
        start = time.monotonic()
        run = run_import(database, make_importer(kind), Source.of(path), monitor=stopwatch)
        elapsed = time.monotonic() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{run.read} read, {run.created} created, {run.changed} changed, "
            f"{run.unchanged} unchanged, {run.rejected} rejected: {elapsed:.1f} s "
            f"{stopwatch.seconds()}, {memory:.0f} MB"
        )
    database.dispose()


def main() -> None:
    """Read the arguments."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", type=ImportKind, choices=list(ImportKind))
    parser.add_argument("path", type=Path)
    parser.add_argument("--database", help="URL of an empty database")
    parser.add_argument("--starter", action="store_true", help="load the starter set first")
    parser.add_argument("--twice", action="store_true", help="import a second time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        url = given.database or f"sqlite:///{folder}/measure.sqlite3"
        times = 2 if given.twice else 1
        measure(url, given.kind, given.path, starter=given.starter, times=times)


if __name__ == "__main__":
    main()
