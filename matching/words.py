"""The command line in French: argparse has no French of its own."""

from __future__ import annotations

import argparse
import re
from datetime import date
from typing import Any, NoReturn

REFUSED = 2
_SAID_BY_ARGPARSE = (
    ("the following arguments are required:", "il manque"),
    ("unrecognized arguments:", "options inconnues\u00a0:"),
    ("ambiguous option:", "option ambiguë\u00a0:"),
    (" could match", ", ce peut être"),
    (": ignored explicit argument", " ne prend pas de valeur, ici"),
    ("one of the arguments", "il faut une des options"),
    (" is required", ""),
    ("not allowed with argument", "ne va pas avec"),
    ("expected one argument", "il faut une valeur"),
    ("invalid choice:", "valeur inconnue\u00a0:"),
    ("choose from", "au choix\u00a0:"),
    ("argument ", ""),
)


class _FrenchFormatter(argparse.RawDescriptionHelpFormatter):
    """Lines kept as they are written; headings in French, with its typography."""

    def add_usage(self, usage: Any, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, "Usage\u00a0: " if prefix is None else prefix)

    def start_section(self, heading: str | None) -> None:
        super().start_section(heading and f"{heading[0].upper()}{heading[1:]}\u00a0")


class FrenchParser(argparse.ArgumentParser):
    """A parser whose help is in French, and whose errors are one line, without the usage."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(add_help=False, formatter_class=_FrenchFormatter, **settings)
        self.add_argument("-h", "--help", action="help", help="afficher cette aide")

    def error(self, message: str) -> NoReturn:
        """Say what is wrong and where help is; exit code 2."""
        told = " ".join(message.split())
        for english, french in _SAID_BY_ARGPARSE:
            told = told.replace(english, french)
        told = re.sub(r"^(\S+): ", "\\1\u00a0: ", told)
        self.exit(REFUSED, f"{self.prog}\u00a0: {told}. Aide\u00a0: {self.prog} --help\n")


def count(text: str) -> int:
    """A whole number from 0, for ``type=``."""
    return 0 if text == "0" else positive(text)


def positive(text: str) -> int:
    """A whole number from 1, for ``type=``."""
    if not text.isdecimal() or not text.isascii() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"il faut un nombre entier d’au moins 1, pas {text!r}")
    return int(text)


def day(text: str) -> date:
    """A day written as 2026-11-20, for ``type=``."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"il faut une date AAAA-MM-JJ, pas {text!r}") from None
