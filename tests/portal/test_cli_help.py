"""What ``ecluse`` says by itself: in French, of every option."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from portal.cli import main

ENGLISH = re.compile(
    r"\b(the|and|of|with|show|exit|default|required|such|option:|invalid|error|missing|commands"
    r"|usage:|TEXT|INTEGER|DIRECTORY|FILE|PATH|KIND|COMMAND)\b",
    re.I,
)


def commands(command: click.Command, *words: str) -> Iterator[tuple[click.Command, list[str]]]:
    """Every command below one, itself too, with the words that call it."""
    yield command, [*words]
    if isinstance(command, click.Group):
        for name in command.list_commands(click.Context(command)):
            found = command.get_command(click.Context(command), name)
            assert found is not None
            yield from commands(found, *words, name)


EVERY = [pytest.param(*found, id=" ".join(["ecluse", *found[1]])) for found in commands(main)]


@pytest.mark.parametrize(("command", "words"), EVERY)
def test_help_is_in_french_and_says_what_each_option_is_for(
    command: click.Command, words: list[str]
) -> None:
    said = CliRunner().invoke(main, [*words, "--help"]).stdout
    assert ENGLISH.findall(said) == []
    assert said.startswith("Usage\u00a0: ecluse")
    assert "Options\u00a0:" in said
    assert re.findall(r" [:;?!»]|« ", said) == [], "spaces that may not break"
    options = [option for option in command.params if isinstance(option, click.Option)]
    assert [option.name for option in options if not option.help] == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("--unknown", "Il n’y a pas d’option '--unknown'"),
        ("unknown", "Il n’y a pas de commande 'unknown'"),
        ("serve --port 0", "0 n’est pas dans l’intervalle 1<=x<=65535"),
        ("serve --port x", "'x' n’est pas un nombre entier"),
        ("serve --port", "L’option '--port' demande une valeur"),
        ("serve a b", "Il y a des mots de trop (a b)"),
        ("demo --no-serve=3", "L’option '--no-serve' ne prend pas de valeur"),
        ("account create", "Il manque '--email'"),
        ("import", "Il manque 'QUOI'"),
        ("import cities x", "'cities' n’est pas dans cette liste"),
        ("import people x --options absent.json", "il n’y a rien à cet endroit"),
    ],
)
def test_a_refusal_is_one_line_in_french(words: str, told: str) -> None:
    refused = CliRunner().invoke(main, words.split())
    assert refused.exit_code == 2
    assert told in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert ENGLISH.findall(refused.stderr) == []


@pytest.mark.parametrize(
    ("more", "told"),
    [
        (["--departement", "62"], "--departement ne sert qu’avec --create-organisation"),
        (["--url", "https://e.example"], "--url ne sert qu’avec --link"),
    ],
)
def test_an_option_that_would_do_nothing_is_refused(more: list[str], told: str) -> None:
    whole = "account create --email a@b.example --first-name A --last-name B --role dpo"
    refused = CliRunner().invoke(main, [*whole.split(), "--organisation", "C", *more])
    assert refused.exit_code == 2
    assert told in refused.stderr


@pytest.mark.parametrize(
    "address", ["words", "postgres://a:b@h/c", "mysql://a:b@h/c", "postgresql://a:b@h:port/c"]
)
def test_what_is_no_address_of_a_base_is_refused_with_one_that_is(
    address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ECLUSE_DATABASE_URL", address)
    refused = CliRunner().invoke(main, ["upgrade", "--home", str(tmp_path)])
    assert refused.exit_code == 2
    assert "postgresql://nom:motdepasse@serveur/base" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def test_a_port_that_is_taken_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        refused = CliRunner().invoke(
            main, ["demo", "--home", str(tmp_path / "new"), "--port", port]
        )
    assert refused.exit_code == 2
    assert f"Le port {port} de 127.0.0.1" in refused.stderr
    assert "un autre programme y écoute déjà" in refused.stderr
    assert refused.stdout == ""
    assert not (tmp_path / "new").exists()
