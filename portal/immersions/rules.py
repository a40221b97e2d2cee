"""R-PMSMP: every rule of a convention, by the law of its first day (domain reference §4.7.4)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import date, timedelta

from flask_babel import gettext as _

from portal.immersions import rules_dates, rules_parties
from portal.immersions.convention import Breach, Convention
from portal.immersions.parameters import RuleBook, load_rules
from portal.immersions.rules_dates import Rules

Check = Callable[[Convention, Rules], Iterator[Breach]]

_CHECKS: tuple[Check, ...] = (
    rules_dates.check_object,
    rules_dates.check_length,
    rules_dates.check_renewal,
    rules_dates.check_count,
    rules_dates.check_total,
    rules_parties.check_prescriber,
    rules_parties.check_content,
    rules_parties.check_hours,
    rules_parties.check_age,
    rules_parties.check_employed,
    rules_parties.check_structure,
)


def check(convention: Convention, book: RuleBook | None = None) -> list[Breach]:
    """What does not hold, in the order of the rules; nothing when the convention is legal."""
    rules = (book or load_rules()).on(convention.period.start)
    if not rules.keys() >= _NEEDED:
        return [_unknown_law()]
    if convention.period.end < convention.period.start:
        return list(rules_dates.check_length(convention, rules))
    return [breach for rule in _CHECKS for breach in rule(convention, rules)]


_NEEDED = frozenset(
    {
        "objects",
        "convention_months",
        "renewals",
        "renewal_outcomes",
        "conventions",
        "rolling_months",
        "total_days",
        "prescriber_kinds",
        "prescriber_rights",
        "content",
        "weekly_hours",
        "minimum_age",
        "adult_age",
        "employer_agreement",
        "siret_digits",
        "declaration",
    }
)


def _unknown_law() -> Breach:
    """Without the rules of that day nothing can be said legal."""
    return Breach(
        "P2",
        _("règles datées du portail"),
        _("Les règles à cette date ne sont pas connues du portail."),
        _("Choisissez une date de début plus proche d’aujourd’hui."),
        "start",
    )


def illegal(breaches: Iterable[Breach]) -> list[Breach]:
    """Those that forbid even a draft."""
    return [breach for breach in breaches if breach.illegal]


def assessment_due(end: date, book: RuleBook | None = None) -> date:
    """P12: the tutor's assessment is due seven days after the last day."""
    parameter = (book or load_rules()).on(end).get("assessment_days")
    return end + timedelta(days=parameter.number if parameter else 7)


def needed_signatures(*, minor: bool, employed: bool, suspended: bool | None) -> tuple[str, ...]:
    """Who signs before the prescriber does, in the order of the sheet."""
    roles = ["person"]
    if minor:
        roles.append("legal_representative")
    roles += ["host", "support"]
    if employed and not suspended:
        roles.append("employer")
    return tuple(roles)
