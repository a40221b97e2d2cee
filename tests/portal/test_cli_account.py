"""``ecluse account``, ``ecluse upgrade``: what they do, and one line for every refusal."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal import schema
from portal.accounts.links import account_of_token
from portal.accounts.passwords import password_matches
from portal.cli import main
from portal.config import load_settings
from portal.db import Database
from portal.models import Account, Organisation, Role

PASSWORD = "une phrase assez longue"


@pytest.fixture(autouse=True, scope="module")
def _own_environment() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as environment:
        for name in ("ECLUSE_HOME", "ECLUSE_DATABASE_URL", "ECLUSE_SECRET_KEY"):
            environment.delenv(name, raising=False)
        yield


def run(home: Path, *arguments: str, typed: str = "") -> Result:
    return CliRunner().invoke(main, [*arguments, "--home", str(home)], input=typed)


def create(home: Path, *more: str, typed: str = "", **changed: str) -> Result:
    values = {
        "email": "camille.essai@exemple.test",
        "first-name": "Camille",
        "last-name": "Essai",
        "role": "admin",
        "organisation": "Région d’essai",
    } | changed
    options = [part for name, value in values.items() for part in (f"--{name}", value)]
    return run(home, "account", "create", *options, *more, typed=typed)


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder that the command made ready; to be copied, never written."""
    folder = tmp_path_factory.mktemp("upgraded")
    assert run(folder, "upgrade").exit_code == 0
    return folder


@pytest.fixture
def ready(home: Path, upgraded: Path) -> Path:
    shutil.copytree(upgraded, home, dirs_exist_ok=True)
    return home


def account(home: Path) -> Account | None:
    database = Database(load_settings(home).database_url)
    with database.session() as session:
        found = session.scalars(select(Account)).first()
        if found:
            assert found.memberships[0].organisation.name
    database.dispose()
    return found


def test_upgrade_makes_the_database_then_has_nothing_to_do(home: Path) -> None:
    assert "La base est à jour" in run(home, "upgrade").stdout
    assert "déjà à jour" in run(home, "upgrade").stdout
    database = Database(load_settings(home).database_url)
    assert schema.is_current(database.engine)
    database.dispose()


def test_the_first_account_is_opened_with_a_password_typed_twice(ready: Path) -> None:
    result = create(ready, "--create-organisation", "region", typed=f"{PASSWORD}\n{PASSWORD}\n")
    assert result.exit_code == 0, result.stderr
    found = account(ready)
    assert found is not None
    assert password_matches(found.password_hash, PASSWORD)
    assert [m.role for m in found.memberships] == [Role.ADMIN]


def test_or_with_a_link_to_hand_over(ready: Path) -> None:
    result = create(
        ready, "--create-organisation", "region", "--link", "--url", "https://ecluse.test/"
    )
    assert result.exit_code == 0, result.stderr
    link = result.stdout.split()[-1]
    assert link.startswith("https://ecluse.test/compte/choisir/")
    settings = load_settings(ready)
    database = Database(settings.database_url)
    with database.session() as session:
        holder = account_of_token(session, settings.secret_key, link.rsplit("/", 1)[1])
        assert holder is not None
        assert holder.email == "camille.essai@exemple.test"
    database.dispose()


def test_a_link_begins_with_the_address_of_the_portal(
    ready: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_PUBLIC_URL", "https://portail.test")
    made = create(ready, "--create-organisation", "region", "--link")
    assert made.stdout.split()[-1].startswith("https://portail.test/compte/choisir/")


def test_a_structure_that_exists_is_not_made_twice(ready: Path) -> None:
    for number in range(2):
        email = f"camille{number}@exemple.test"
        options = ("--create-organisation", "mds", "--departement", "62", "--link")
        assert create(ready, *options, email=email, role="referent").exit_code == 0
    database = Database(load_settings(ready).database_url)
    with database.session() as session:
        places = session.scalars(select(Organisation)).all()
        assert [(p.name, p.departement_code) for p in places] == [("Région d’essai", "62")]
    database.dispose()


@pytest.mark.parametrize(
    ("more", "changed", "message"),
    [
        (["--link"], {}, "Aucune structure ne s’appelle"),
        (
            ["--create-organisation", "region", "--link"],
            {"email": "accueil@x.fr"},
            "adresse de service",
        ),
        (["--create-organisation", "region", "--link"], {"email": "camille"}, "pas valable"),
        (["--create-organisation", "region", "--link"], {"last-name": " "}, "obligatoires"),
        (["--create-organisation", "region", "--link"], {"role": "king"}, "king"),
        (["--create-organisation", "castle", "--link"], {}, "castle"),
        (["--create-organisation", "mds", "--link"], {"role": "referent"}, "--departement"),
        (
            ["--create-organisation", "mds", "--departement", "Nord!", "--link"],
            {"role": "referent"},
            "code de département",
        ),
        (
            ["--create-organisation", "mds", "--departement", "999", "--link"],
            {"role": "referent"},
            "code de département",
        ),
        (
            ["--create-organisation", "employer", "--departement", "62", "--link"],
            {},
            "ne se tient pas",
        ),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    ready: Path, more: list[str], changed: dict[str, str], message: str
) -> None:
    result = create(ready, *more, **changed)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert account(ready) is None


def test_a_weak_password_is_one_line_too(ready: Path) -> None:
    weak = "motdepasse2026"
    result = create(ready, "--create-organisation", "region", typed=f"{weak}\n{weak}\n")
    assert result.exit_code == 2
    assert "plus courants" in result.stderr
    assert account(ready) is None


def test_nothing_is_done_on_a_database_that_is_not_up_to_date(home: Path) -> None:
    result = create(home, "--create-organisation", "region", "--link")
    assert result.exit_code == 2
    assert "ecluse upgrade" in result.stderr


def test_a_link_is_made_for_a_known_address_alone(ready: Path) -> None:
    create(ready, "--create-organisation", "region", "--link")
    known = run(ready, "account", "link", "--email", "Camille.Essai@exemple.test")
    assert "/compte/choisir/" in known.stdout
    unknown = run(ready, "account", "link", "--email", "autre@exemple.test")
    assert (unknown.exit_code, unknown.stdout) == (2, "")


@pytest.mark.parametrize("arguments", [["zzz"], ["upgrade", "--zzz"], ["account", "create"]])
def test_a_wrong_command_is_one_line(arguments: list[str]) -> None:
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("ecluse\u00a0: ")
    assert len(result.stderr.strip().splitlines()) == 1


def test_every_command_has_its_help() -> None:
    names = main.list_commands(None)  # type: ignore[arg-type]
    assert {"account", "upgrade"} <= set(names)
    for name in names:
        result = CliRunner().invoke(main, [name, "--help"])
        assert result.exit_code == 0, name
        assert result.stdout.startswith(f"Usage\u00a0: ecluse {name}"), name
