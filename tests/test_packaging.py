"""The wheel is complete: an installed portal finds its pages, styles and migrations."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ASSETS = ("templates", "static", "migrations")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The names of the files in a wheel built from the present tree."""
    folder = tmp_path_factory.mktemp("wheel")
    pytest.importorskip("hatchling", reason="hatchling is not installed: run `make install`")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def files_under(folder: str) -> list[Path]:
    return [
        path.relative_to(ROOT)
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    ]


@pytest.mark.parametrize("folder", ASSETS)
def test_assets_are_where_the_portal_looks_for_them(wheel: set[str], folder: str) -> None:
    expected = {f"portal/_assets/{path.as_posix()}" for path in files_under(folder)}
    assert expected
    assert expected - wheel == set()


@pytest.mark.parametrize("package", ["portal", "matching"])
def test_packages_are_whole_with_their_data(wheel: set[str], package: str) -> None:
    assert {path.as_posix() for path in files_under(package)} - wheel == set()


def test_nothing_else_is_installed(wheel: set[str]) -> None:
    roots = {name.split("/")[0] for name in wheel}
    assert {root for root in roots if not root.endswith(".dist-info")} == {"portal", "matching"}
