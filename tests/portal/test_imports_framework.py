"""What every import promises: once or twice is the same, all or nothing, nothing on a preview."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.db import Database
from portal.imports.base import Context, Phase
from portal.imports.communes import CommunesImporter
from portal.imports.pipeline import run_import
from portal.imports.report import csv_lines, neutralise
from portal.imports.source import Source
from portal.imports.stage import Stage
from portal.models import Commune, ImportKind, ImportRejection, ImportRun
from tests.support.imports import figures, import_file, row_counts

ROOT = Path(__file__).resolve().parents[2]
HEADER = "code_insee,nom,codes_postaux,population,latitude,longitude\n"
ARRAS = "62041,Arras,62000,42600,50.2879,2.7704\n"
CAMBRAI = "59122,Cambrai,59400,32000,50.1717,3.2416\n"


@pytest.fixture
def communes(tmp_path: Path) -> Path:
    """Two good rows between two bad ones."""
    path = tmp_path / "communes.csv"
    path.write_text(f"{HEADER}62,Nulle part,,,,\n{ARRAS}{CAMBRAI}62041,Arras bis,62000,1,50,2\n")
    return path


def many_communes(path: Path, number: int) -> Path:
    """A file of as many communes."""
    rows = (f"{62000 + n},Commune {n},,{n},50.1,2.1\n" for n in range(number))
    path.write_text(HEADER + "".join(rows))
    return path


def test_the_same_file_twice_changes_nothing(any_database: Database, communes: Path) -> None:
    assert figures(import_file(any_database, ImportKind.COMMUNES, communes)) == (2, 0, 0, 2)
    assert figures(import_file(any_database, ImportKind.COMMUNES, communes)) == (0, 0, 2, 2)


def test_a_changed_row_is_changed_alone(any_database: Database, communes: Path) -> None:
    import_file(any_database, ImportKind.COMMUNES, communes)
    communes.write_text(communes.read_text().replace("32000", "32001"))
    assert figures(import_file(any_database, ImportKind.COMMUNES, communes)) == (0, 1, 1, 2)
    with any_database.session() as session:
        cambrai = session.get(Commune, "59122")
    assert cambrai is not None
    assert cambrai.population == 32001


def test_a_preview_says_the_same_and_writes_only_its_report(
    any_database: Database, communes: Path
) -> None:
    run = import_file(any_database, ImportKind.COMMUNES, communes, dry_run=True)
    assert figures(run) == (2, 0, 0, 2)
    assert row_counts(any_database) == {"import_run": 1, "import_rejection": 2}
    with any_database.session() as session:
        assert session.scalars(select(ImportRun.dry_run)).all() == [True]


def test_a_rejected_row_says_where_which_field_and_why(
    any_database: Database, communes: Path
) -> None:
    run = import_file(any_database, ImportKind.COMMUNES, communes)
    with any_database.session() as session:
        rows = session.scalars(
            select(ImportRejection)
            .where(ImportRejection.run_id == run.id)
            .order_by(ImportRejection.line)
        ).all()
    assert [(row.line, row.field) for row in rows] == [(2, "code_insee"), (5, None)]
    assert "code INSEE" in rows[0].reason
    assert "ligne 3" in rows[1].reason


class BreaksAtTheEnd(CommunesImporter):
    """Fails once everything is written."""

    def finish(self, session: object, context: Context) -> None:
        raise RuntimeError("the disk is full")


def test_an_error_at_the_last_moment_leaves_nothing(any_database: Database, tmp_path: Path) -> None:
    path = many_communes(tmp_path / "many.csv", 1500)
    with pytest.raises(RuntimeError, match="disk is full"):
        run_import(any_database, BreaksAtTheEnd(), Source.of(path))
    assert row_counts(any_database) == {}


def test_what_the_monitor_raises_stops_with_nothing_written(
    any_database: Database, tmp_path: Path
) -> None:
    class StopError(Exception):
        pass

    class Impatient:
        def step(self, phase: Phase, done: int, total: int | None) -> None:
            if phase is Phase.WRITE and done:
                raise StopError

    path = many_communes(tmp_path / "many.csv", 1500)
    with pytest.raises(StopError):
        import_file(any_database, ImportKind.COMMUNES, path, monitor=Impatient())
    assert row_counts(any_database) == {}


KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from portal.db import Database
from portal.imports.base import Phase
from portal.imports.communes import CommunesImporter
from portal.imports.pipeline import run_import
from portal.imports.source import Source

class Killer:
    def step(self, phase, done, total):
        if phase is Phase.WRITE and done >= 1000:
            os.kill(os.getpid(), signal.SIGKILL)

source = Source.of(Path(sys.argv[2]))
run_import(Database(sys.argv[1]), CommunesImporter(), source, monitor=Killer())
"""


def test_a_kill_in_the_middle_of_writing_leaves_nothing_half_done(
    any_database: Database, tmp_path: Path
) -> None:
    path = many_communes(tmp_path / "many.csv", 2500)
    url = any_database.engine.url.render_as_string(hide_password=False)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_WRITING, url, str(path)], cwd=ROOT, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    assert row_counts(any_database) == {}
    run = import_file(any_database, ImportKind.COMMUNES, path)
    assert figures(run) == (2500, 0, 0, 0)


def test_progress_goes_through_the_phases_without_going_back(
    database: Database, tmp_path: Path
) -> None:
    steps: list[tuple[Phase, int, int | None]] = []

    class Listener:
        def step(self, phase: Phase, done: int, total: int | None) -> None:
            steps.append((phase, done, total))

    path = many_communes(tmp_path / "many.csv", 2500)
    import_file(database, ImportKind.COMMUNES, path, monitor=Listener())
    assert list(dict.fromkeys(phase for phase, _, _ in steps)) == list(Phase)
    for phase in Phase:
        done = [d for p, d, _ in steps if p is phase]
        total = [t for p, _, t in steps if p is phase]
        assert done == sorted(done)
        assert done[-1] == total[-1]


def test_the_stage_never_holds_more_than_a_batch(database: Database, tmp_path: Path) -> None:
    sizes: list[int] = []

    class Measured(CommunesImporter):
        def apply(self, session: object, items: list[object], context: Context) -> None:  # type: ignore[override]
            sizes.append(len(items))
            super().apply(session, items, context)  # type: ignore[arg-type]

    run_import(database, Measured(), Source.of(many_communes(tmp_path / "many.csv", 2500)))
    assert sizes == [1000, 1000, 500]


def test_a_stage_leaves_no_file_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp_path))
    with Stage() as stage:
        stage._db.execute("CREATE TABLE big AS SELECT randomblob(20000000)")
        assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_report_is_a_formula(start: str) -> None:
    assert neutralise(f"{start}HYPERLINK()").startswith("'")
    assert neutralise("texte = 3") == "texte = 3"


def test_the_report_is_a_csv_for_spreadsheets() -> None:
    def rejections() -> Iterator[ImportRejection]:
        yield ImportRejection(line=3, field="nom; prénom", reason='=cmd "a"')

    text = "".join(csv_lines(rejections()))
    assert text == '\ufeffligne;champ;motif\r\n3;"nom; prénom";"\'=cmd ""a"""\r\n'
