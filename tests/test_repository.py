"""What must stay true of the repository itself: files, walls of size, locked dependencies."""

from __future__ import annotations

import re
import shutil
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
LONGEST_MODULE = 400
# In pieces, so that this file does not break the rule it checks.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
    )
]
TOP_LEVEL = {
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE",
    "Makefile",
    "README.md",
    "benchmarks",
    "constraints-dev.txt",
    "constraints.txt",
    "docs",
    "matching",
    "migrations",
    "portal",
    "pyproject.toml",
    "scripts",
    "static",
    "templates",
    "tests",
    "uv.lock",
    "wheelhouse",
}
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)


@pytest.fixture(scope="module")
def committed() -> list[Path]:
    """Every file under version control, relative to the root."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout: the list of committed files is unknown")
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    paths = [Path(name) for name in listed.stdout.split("\0") if name]
    return [path for path in paths if (ROOT / path).is_file()]


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads(read("pyproject.toml"))


def read(path: str | Path) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def requirements(project: dict[str, Any], group: str) -> list[Requirement]:
    """The direct dependencies of a group; ``run`` is the project's own list."""
    if group == "run":
        lines = project["project"]["dependencies"]
    elif group in project["project"]["optional-dependencies"]:
        lines = project["project"]["optional-dependencies"][group]
    else:
        lines = project["dependency-groups"][group]
    return [Requirement(line) for line in lines]


def pins(path: str) -> dict[str, set[str]]:
    """Package -> pinned versions (several where markers divide the Pythons)."""
    found: dict[str, set[str]] = {}
    for name, version in PIN.findall(read(path)):
        found.setdefault(canonicalize_name(name), set()).add(version)
    return found


def locked() -> dict[str, dict[str, Any]]:
    """The packages of uv.lock by name; the project itself is among them."""
    return {package["name"]: package for package in tomllib.loads(read("uv.lock"))["package"]}


def locked_versions() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package in tomllib.loads(read("uv.lock"))["package"]:
        found.setdefault(package["name"], set()).add(package["version"])
    return found


def test_no_committed_file_names_a_registry(committed: list[Path]) -> None:
    naming = [
        f"{path}: {host}"
        for path in committed
        for host in REGISTRY_HOSTS
        if host.encode() in (ROOT / path).read_bytes()
    ]
    assert naming == []


def test_nothing_unexpected_at_the_root(committed: list[Path]) -> None:
    assert {path.parts[0] for path in committed} - TOP_LEVEL == set()


def test_modules_stay_short(committed: list[Path]) -> None:
    lengths = {
        str(path): len(read(path).splitlines())
        for path in committed
        if path.parts[0] in {"portal", "matching"} and path.suffix == ".py"
    }
    assert {name: n for name, n in lengths.items() if n > LONGEST_MODULE} == {}


@pytest.mark.parametrize(
    ("group", "path"),
    [("run", "constraints.txt"), ("build", "constraints.txt"), ("dev", "constraints-dev.txt")],
)
def test_every_dependency_is_pinned(project: dict[str, Any], group: str, path: str) -> None:
    pinned = pins(path)
    for requirement in requirements(project, group):
        versions = pinned.get(canonicalize_name(requirement.name), set())
        assert versions, f"{requirement.name} is not in {path}: run `make lock`"
        assert all(version in requirement.specifier for version in versions), (
            f"{requirement}: {path} pins {versions}; run `make lock`"
        )


@pytest.mark.parametrize("path", ["constraints.txt", "constraints-dev.txt"])
def test_every_pin_has_hashes_and_is_the_one_of_the_lock(path: str) -> None:
    entries = re.split(r"^(?=[A-Za-z0-9])", read(path), flags=re.MULTILINE)[1:]
    assert entries
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    versions = locked_versions()
    assert {name: found for name, found in pins(path).items() if found - versions[name]} == {}


def test_lock_was_made_from_the_present_project(project: dict[str, Any]) -> None:
    package = locked()[project["project"]["name"]]
    recorded = package["metadata"]["requires-dist"]
    extras = [entry for entry in recorded if "extra ==" in entry.get("marker", "")]
    own = [entry for entry in recorded if entry not in extras]
    assert _comparable(own) == _named(requirements(project, "run"))
    names = project["project"]["optional-dependencies"]
    optional = [need for name in names for need in requirements(project, name)]
    assert _comparable(extras) == _named(optional)
    for group, entries in package["metadata"]["requires-dev"].items():
        assert _comparable(entries) == _named(requirements(project, group))


def _comparable(entries: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(entry["name"], _sorted_clauses(entry.get("specifier", ""))) for entry in entries}


def _named(listed: list[Requirement]) -> set[tuple[str, str]]:
    return {
        (canonicalize_name(requirement.name), _sorted_clauses(str(requirement.specifier)))
        for requirement in listed
    }


def _sorted_clauses(specifier: str) -> str:
    return ",".join(sorted(specifier.replace(" ", "").split(",")))


def test_every_dependency_has_its_reason(project: dict[str, Any]) -> None:
    record = read("docs/decisions/0002-dependencies.md")
    explained = set(re.findall(r"^\| ([a-z0-9-]+) \|", record, flags=re.MULTILINE))
    extras = project["project"]["optional-dependencies"]
    groups = ("run", *extras, *project["dependency-groups"])
    names = {
        canonicalize_name(requirement.name)
        for group in groups
        for requirement in requirements(project, group)
    }
    assert names == explained - {"axe-core"}
