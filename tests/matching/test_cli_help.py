"""What ``python -m matching`` says of itself: in French, of every option, with an example."""

from __future__ import annotations

import argparse
import re

import pytest

from matching.cli import main
from matching.words import FrenchParser

ENGLISH = re.compile(r"\b(the|and|of|with|show|exit|default|required|usage:|FILE|DIR|TEXT)\b")
COMMANDS = ("rank", "pathways", "explain", "resolve")


def helped(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([*words, "--help"])
    assert stopped.value.code == 0
    return capsys.readouterr().out


@pytest.mark.parametrize("words", [[], *([name] for name in COMMANDS)])
def test_help_is_in_french(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = helped(words, capsys)
    assert ENGLISH.findall(said) == []
    assert said.startswith("Usage\u00a0: python -m matching")
    assert said.count("Usage") == 1
    assert "Options\u00a0:" in said
    assert "Code de retour\u00a0:" in said
    assert ("Exemple\u00a0:" in said) is bool(words)
    assert re.findall(r"(?<! ) [:;?!»]|« ", said) == [], "spaces that may not break"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_says_what_it_is_for(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[argparse.Action] = []
    add = argparse.ArgumentParser._add_action

    def seen(parser: argparse.ArgumentParser, action: argparse.Action) -> argparse.Action:
        made.append(action)
        return add(parser, action)

    monkeypatch.setattr(argparse.ArgumentParser, "_add_action", seen)
    helped([command], capsys)
    assert [action.dest for action in made if not action.help and action.option_strings] == []


def test_the_program_says_its_commands(capsys: pytest.CaptureFixture[str]) -> None:
    said = helped([], capsys)
    assert all(re.search(rf"^ +{name} +\w", said, re.M) for name in COMMANDS)


def test_stopped_at_the_keyboard(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def stopped(_arguments: argparse.Namespace) -> int:
        raise KeyboardInterrupt

    def parsed(_parser: FrenchParser, _words: list[str]) -> argparse.Namespace:
        return argparse.Namespace(run=stopped)

    monkeypatch.setattr(FrenchParser, "parse_args", parsed)
    assert main(["rank"]) == 130
    assert capsys.readouterr().err == "Arrêté.\n"
