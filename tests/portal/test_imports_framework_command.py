"""``ecluse import``: figures on the terminal, one clear line and exit code 2 on bad input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from portal import clock
from portal.cli import main
from portal.config import Settings
from portal.db import Database
from portal.imports.base import Phase
from portal.imports.running import enqueue_import, run_import_job
from portal.imports.uploads import store_upload
from portal.jobs import queue, worker
from portal.jobs.progress import JobProgress
from portal.models import ImportKind, Job, JobState, Role
from tests.support.factories import Factory
from tests.support.imports import row_counts

CSV = "code_insee,nom\n62041,Arras\n59122,Cambrai\nXX,Nulle part\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Two communes and a bad row."""
    path = tmp_path / "communes.csv"
    path.write_text(CSV)
    return path


@pytest.fixture(autouse=True)
def told_where(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The command finds its database as an administrator tells it, in the environment."""
    monkeypatch.setenv("ECLUSE_DATABASE_URL", settings.database_url)


def run(settings: Settings, *arguments: str) -> int:
    """The exit code of ``ecluse import``."""
    with pytest.raises(SystemExit) as ended:
        main(["import", "--home", str(settings.home), *arguments])
    return int(ended.value.code or 0)


def test_it_imports_and_tells(
    settings: Settings, database: Database, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "communes", str(path)) == 0
    told = capsys.readouterr().out
    assert "3 lignes lues\u00a0: 2 nouvelles, 0 changées, 0 déjà là, 1 écartées." in told
    assert "ligne 4, code_insee" in told
    assert row_counts(database)["commune"] == 2


def test_a_dry_run_writes_nothing(
    settings: Settings, database: Database, path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(settings, "communes", str(path), "--dry-run") == 0
    assert "rien n’a été écrit" in capsys.readouterr().out
    assert "commune" not in row_counts(database)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["communes", "absent.csv"], "Il n’y a rien à «\u00a0absent.csv\u00a0»."),
        (["rome", "{path}"], "ROME 4.0"),
        (["people", "{path}"], "--account"),
        (["people", "{path}", "--account", "nobody@exemple.test"], "Aucun compte actif"),
        (["communes", "{path}", "--options", "{path}"], "n’est pas un fichier JSON"),
        (["planets", "{path}"], "planets"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    settings: Settings,
    database: Database,
    path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    assert run(settings, *(part.format(path=path) for part in arguments)) == 2
    told = capsys.readouterr().err.splitlines()
    assert words in told[-1]
    # Before it there may only be the names of phases.
    assert all(line.strip() in set(Phase) for line in told[:-1])
    assert row_counts(database) == {}


def test_options_must_be_an_object(
    settings: Settings, path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = tmp_path / "options.json"
    options.write_text(json.dumps([1]))
    assert run(settings, "communes", str(path), "--options", str(options)) == 2
    assert "objet JSON" in capsys.readouterr().err


def test_an_import_whose_worker_dies_while_writing_is_done_once_by_the_next(
    settings: Settings, database: Database, make: Factory, path: Path
) -> None:
    account = make.account(Role.ADMIN)
    with path.open("rb") as stream:
        upload = store_upload(
            settings,
            stream,
            file_name="communes.csv",
            kind=ImportKind.COMMUNES,
            account_id=account.id,
            organisation_id=account.memberships[0].organisation_id,
        )
    job = enqueue_import(make.session, upload, dry_run=False)
    make.session.commit()

    class Dying(JobProgress):
        def report(self, phase: str, done: int, total: int | None, *, silent: bool = False) -> None:
            if phase == Phase.WRITE.value:
                raise KeyboardInterrupt

    held = queue.claim(database)
    assert held is not None
    with pytest.raises(KeyboardInterrupt):
        run_import_job(database, settings, held, Dying(database, held))
    assert "commune" not in row_counts(database)
    with clock.frozen_at(clock.now() + queue.LEASE * 2):
        assert worker.run_next(database, settings)
    with database.session() as session:
        assert session.get_one(Job, job.id).state is JobState.DONE
    counts = row_counts(database)
    assert (counts["commune"], counts["import_run"]) == (2, 1)
    assert list(settings.uploads.iterdir()) == []
