"""Suggestions made by the workers of a scheduler: the rows that one process makes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.cli import main
from portal.config import Settings
from portal.db import Database
from portal.errors import InputError
from portal.matchmaking.batch import Refreshed, refresh_suggestions
from portal.matchmaking.elsewhere import Elsewhere
from portal.models import Confidentiality, Role, Suggestion
from tests.support.factories import MARQUION, Factory

WHY = "the extra « cluster » is not installed: pip install 'ecluse[cluster]'"
distributed = pytest.importorskip("distributed", reason=WHY)
pytest.importorskip("pyarrow", reason=WHY)

Row = tuple[Any, ...]


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    """A scheduler with one worker, a process of its own."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, dashboard_address="127.0.0.1:0", host="127.0.0.1"
    ) as started:
        yield started.scheduler_address


def told(session: Session) -> list[Row]:
    """Every suggestion but for the moment it was made at."""
    names = [c for c in Suggestion.__table__.columns if c.name != "computed_at"]
    ordered = select(*names).order_by(Suggestion.person_id, Suggestion.rank)
    return [tuple(row) for row in session.execute(ordered)]


def refreshed(database: Database, *make: Elsewhere) -> tuple[Refreshed, list[Row], list[str]]:
    said: list[str] = []
    with database.transaction() as session:
        found = refresh_suggestions(session, lambda phase, *_: said.append(phase), *make)
        return found, told(session), said


@pytest.fixture
def filled(any_database: Database) -> Database:
    """Forty people and nine public offers, of which a third asks what nobody was asked."""
    with any_database.transaction() as session:
        make = Factory(session)
        adviser = make.account(Role.ADVISER)
        levelling = make.core_skill(make.occupation(), "tp.niveler")
        for number in range(9):
            offer = make.offer(adviser, confidentiality=Confidentiality.PUBLIC)
            if number % 3 == 0:
                make.requires(offer, levelling)
        for _ in range(40):
            make.person(referent=adviser, modes="car", place=MARQUION)
    return any_database


def test_the_same_rows_as_one_process_on_both_databases(
    filled: Database, scheduler: str, tmp_path: Path
) -> None:
    found, rows, _ = refreshed(filled)
    assert found.pairs == len(rows) == 40 * 9
    assert len({row[3] for row in rows}) == 2
    parts = tmp_path / "parts"
    again, same, said = refreshed(filled, Elsewhere(scheduler, parts))
    assert (again, same) == (found, rows)
    assert {*said} == {"calcul", "écriture"}
    assert list(parts.glob("*.parquet")) == []


def test_the_command_refuses_an_address_where_nobody_answers(
    settings: Settings, session: Session, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    make.person(referent=make.account(Role.ADVISER))
    session.commit()
    monkeypatch.setattr("matching.cluster.crew._SECONDS_TO_CONNECT", 0.2)
    monkeypatch.setenv("ECLUSE_DATABASE_URL", settings.database_url)
    words = ["suggest", "--home", str(settings.home), "--scheduler", "tcp://127.0.0.1:9"]
    refused = CliRunner().invoke(main, words)
    assert refused.exit_code == 2
    assert "aucun ordonnanceur ne répond" in refused.stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--parts", "p"], "ne servent qu’avec --scheduler"),
        (["--tls-ca", "ca.pem"], "ne servent qu’avec --scheduler"),
        (["--scheduler", "127.0.0.1:9"], "tcp://machine:port"),
        (["--scheduler", "tcp://127.0.0.1:9", "--tls-ca", "ca.pem"], "demandent une adresse"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(
    settings: Settings, more: list[str], told: str
) -> None:
    refused = CliRunner().invoke(main, ["suggest", "--home", str(settings.home), *more])
    assert refused.exit_code == 2
    assert told in refused.stderr


def test_a_folder_that_cannot_be_written_is_told(
    filled: Database, scheduler: str, tmp_path: Path
) -> None:
    (tmp_path / "tranches").write_text("")
    with pytest.raises(InputError, match="ce n’est pas un dossier"):
        refreshed(filled, Elsewhere(scheduler, tmp_path / "tranches"))


def test_what_an_interrupted_run_left_is_no_obstacle_and_does_not_stay(
    filled: Database, scheduler: str, tmp_path: Path
) -> None:
    stale = tmp_path / "personlists-0123456789abcdef-000000.parquet"
    stale.write_bytes(b"of other records")
    found, rows, _ = refreshed(filled, Elsewhere(scheduler, tmp_path))
    assert found.pairs == len(rows) == 40 * 9
    assert not stale.exists()
