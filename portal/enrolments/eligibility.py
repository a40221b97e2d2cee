"""Whether a status opens a scheme, from dated rules: yes, no, or to check (domain reference §4.7).

A restricted status (health, childhood protection) is in no rule: the reason shown would tell it.
Nothing here decides: « non » and « à vérifier » are shown to a human, with who wrote the rule.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from pathlib import Path

from flask_babel import gettext as _

from portal.models import RESTRICTED_STATUSES, PersonStatus, Scheme
from portal.text import N_, typeset

_FILE = Path(__file__).with_name("data") / "eligibility_rules.csv"
_ANY = "*"


class Effect(StrEnum):
    """The three answers of a rule."""

    YES = "OUI"
    NO = "NON"
    TO_CHECK = "A_VERIFIER"

    @property
    def label(self) -> str:
        """The answer in words."""
        return str(_(_LABELS[self.value]))


_LABELS = {"OUI": N_("oui"), "NON": N_("non"), "A_VERIFIER": N_("à vérifier")}


@dataclass(frozen=True, slots=True)
class Rule:
    """A line of the file: what these statuses open, from when to when, and who says so."""

    id: str
    scheme: Scheme
    statuses: frozenset[str]
    effect: Effect
    message: str
    source: str
    verified: bool
    valid_from: date
    valid_until: date | None

    def holds(self, scheme: Scheme, on: date) -> bool:
        """Whether it is about this scheme and in force that day."""
        in_force = self.valid_from <= on and (self.valid_until is None or on <= self.valid_until)
        return self.scheme is scheme and in_force

    @property
    def for_everybody(self) -> bool:
        """Whether it does not depend on the person."""
        return _ANY in self.statuses


@dataclass(frozen=True, slots=True)
class Eligibility:
    """An answer, the rules that give it, and a word when none does."""

    effect: Effect
    rules: tuple[Rule, ...] = ()
    note: str = ""

    @property
    def verified(self) -> bool:
        """Whether every rule was read in its source; else the page says « règle non vérifiée »."""
        return all(rule.verified for rule in self.rules)


@cache
def load_rules() -> tuple[Rule, ...]:
    """The rules of the file; a new version is a new line, never an edited one (INV-07)."""
    with _FILE.open(encoding="utf-8", newline="") as file:
        return tuple(_rule(row) for row in csv.DictReader(file))


def _rule(row: dict[str, str]) -> Rule:
    until = row["valid_until"]
    return Rule(
        id=row["id"],
        scheme=Scheme(row["scheme"]),
        statuses=frozenset(row["statuses"].split("|")),
        effect=Effect(row["effect"]),
        message=typeset(row["message"]),
        source=row["source"],
        verified=row["verified"] == "oui",
        valid_from=date.fromisoformat(row["valid_from"]),
        valid_until=date.fromisoformat(until) if until else None,
    )


def codes_at(statuses: Iterable[PersonStatus], on: date) -> frozenset[str]:
    """The statuses of a person that day, the restricted ones left out."""
    return frozenset(
        status.code.value
        for status in statuses
        if status.code not in RESTRICTED_STATUSES
        and status.start <= on
        and (status.end is None or on <= status.end)
    )


def closing_rule(scheme: Scheme, on: date) -> Rule | None:
    """The rule that closes a scheme to everybody that day, if one does (T-ENR-05)."""
    closing = (r for r in load_rules() if r.effect is Effect.NO and r.for_everybody)
    return next((rule for rule in closing if rule.holds(scheme, on)), None)


def evaluate(scheme: Scheme | None, codes: Collection[str], on: date) -> Eligibility:
    """What a person's statuses open that day.

    A closed scheme is closed. Otherwise rules that agree give their answer; rules that disagree,
    or a scheme or status that nobody said, are to be checked, never a silent refusal (T-ENR-03).
    """
    if scheme is None:
        return Eligibility(Effect.TO_CHECK, note=_("Le dispositif de la session reste à préciser."))
    closed = closing_rule(scheme, on)
    if closed is not None:
        return Eligibility(Effect.NO, (closed,))
    known = [rule for rule in load_rules() if rule.holds(scheme, on)]
    applied = tuple(r for r in known if r.for_everybody or r.statuses & set(codes))
    if not applied:
        return Eligibility(Effect.TO_CHECK, note=_no_rule(known))
    effects = {rule.effect for rule in applied}
    return Eligibility(effects.pop() if len(effects) == 1 else Effect.TO_CHECK, applied)


def _no_rule(known: Collection[Rule]) -> str:
    if known:
        return str(_("Le statut de la personne reste à demander."))
    return str(_("Aucune règle n’est connue pour ce dispositif."))
