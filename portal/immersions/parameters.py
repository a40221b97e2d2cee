"""The dated parameters of the PMSMP rules, each with its article (INV-07).

They live in ``data/pmsmp_rules.csv``. A change of law adds a line and ends the one before: a
convention is judged by the rules in force on its first day.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

_DATA = files("portal.immersions").joinpath("data", "pmsmp_rules.csv")


class ParametersError(ValueError):
    """The file of parameters says two things for one day."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of one rule, from a day to another (included), and where it comes from."""

    rule: str
    name: str
    value: str
    valid_from: date
    valid_until: date | None
    article: str
    source: str
    verified: bool

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    @property
    def number(self) -> int:
        """The value of a limit."""
        return int(self.value)

    @property
    def items(self) -> frozenset[str]:
        """The values of a list, separated by bars in the file."""
        return frozenset(self.value.split("|"))


@dataclass(frozen=True)
class RuleBook:
    """Every version of every parameter."""

    parameters: tuple[Parameter, ...]

    def on(self, day: date) -> Mapping[str, Parameter]:
        """The parameters in force that day, by name; a rule not yet in force is absent.

        Raises :class:`ParametersError` when two versions of one hold together.
        """
        found: dict[str, Parameter] = {}
        for parameter in self.parameters:
            if not parameter.holds_on(day):
                continue
            if parameter.name in found:
                raise ParametersError(f"two versions of {parameter.name} hold on {day}")
            found[parameter.name] = parameter
        return found


def read_rules(lines: Iterable[str]) -> RuleBook:
    """The rules of a CSV file, header included."""
    return RuleBook(tuple(_parameter(row) for row in csv.DictReader(lines)))


def _parameter(row: dict[str, str]) -> Parameter:
    until = row["valid_until"]
    return Parameter(
        rule=row["rule"],
        name=row["parameter"],
        value=row["value"],
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
        article=row["article"],
        source=row["source"],
        verified=row["verified"] == "yes",
    )


@cache
def load_rules() -> RuleBook:
    """The rules shipped with the portal."""
    return read_rules(_DATA.read_text(encoding="utf-8").splitlines())
