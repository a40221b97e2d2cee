"""Aids to hiring, as dated rules judged in three words: yes, no, to check.

The rules live in ``data/aids.toml``. One is never edited in place: a new version begins on a day,
and a hire is judged by the version in force on its first day (INV-07, T-LEG-01). What is unknown
never gives « non » (INV-22), and a rule that nobody verified never gives « oui ». Nothing here
reads the person: what depends on them is left to the adviser. Pure, but for reading the file.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

from portal.immersions.periods import months_after
from portal.models import ContractKind, Hire, JobOffer, LabelledEnum, OfferOrigin
from portal.text import N_

_DATA = files("portal.employers").joinpath("data", "aids.toml")


class AidsError(ValueError):
    """The file of aids says something it cannot say."""


class Verdict(LabelledEnum):
    """What is said of an aid."""

    YES = "yes", N_("oui")
    NO = "no", N_("non")
    TO_CHECK = "to_check", N_("à vérifier")


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a hire and of the firm; None: not known.

    ``months``: length of the contract; ``mission_months``: temporary missions within nine months,
    put together; ``form``: the contract signed, or the particular one that an offer already says:
    an offer may still be signed in another form.
    """

    contract: ContractKind | None = None
    months: int | None = None
    mission_months: int | None = None
    form: ContractKind | None = None
    weekly_hours: float | None = None
    offer_at_france_travail: bool | None = None
    economic_dismissal_12m: bool | None = None
    contributions_paid: bool | None = None
    insertion_firm: bool | None = None
    person_fits: bool | None = None


_FACTS = frozenset(Facts.__dataclass_fields__)
_PARTICULAR = (ContractKind.ALTERNANCE, ContractKind.PEC, ContractKind.CDDI)


def facts_of_offer(offer: JobOffer) -> Facts:
    """What an offer says; the firm's own situation is asked, never assumed."""
    return Facts(
        contract=offer.contract,
        months=offer.duration_months,
        form=offer.contract if offer.contract in _PARTICULAR else None,
        weekly_hours=offer.weekly_hours,
        offer_at_france_travail=_is_at_france_travail(offer),
    )


def facts_of_hire(hire: Hire) -> Facts:
    """What a signed contract says."""
    return Facts(
        contract=hire.contract,
        months=_whole_months(hire.start, hire.end_planned) if hire.end_planned else None,
        form=hire.contract,
        weekly_hours=hire.weekly_hours,
        offer_at_france_travail=_is_at_france_travail(hire.offer) if hire.offer else None,
    )


def _is_at_france_travail(offer: JobOffer) -> bool | None:
    """Known when it comes from there; another may have been deposited since."""
    return True if offer.origin is OfferOrigin.FRANCE_TRAVAIL else None


def _whole_months(start: date, end: date) -> int:
    """Months date to date, the last day included (INV-19)."""
    after = end + timedelta(days=1)
    months = (after.year - start.year) * 12 + after.month - start.month
    return months if months_after(start, months) <= after else months - 1


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition in words, who confirms it, and the alternatives that satisfy it."""

    text: str
    confirmed_by: str
    alternatives: tuple[Mapping[str, Any], ...]

    def holds(self, facts: Facts) -> bool | None:
        """Whether one alternative does; None while a fact is missing."""
        found = [_all(_tests(alternative, facts)) for alternative in self.alternatives]
        if any(found):
            return True
        return None if None in found else False


@dataclass(frozen=True, slots=True)
class Aid:
    """One version of one aid."""

    id: str
    name: str
    gives: str
    valid_from: date
    valid_to: date | None
    source: str
    verified: bool
    conditions: tuple[Condition, ...]
    closed: str = ""
    see: str = ""

    def holds_on(self, day: date) -> bool:
        """Whether this version is in force that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Judged:
    """An aid on a day: the verdict, what is met, what is missing, what forbids it."""

    aid: Aid
    verdict: Verdict
    met: list[Condition] = field(default_factory=list)
    missing: list[Condition] = field(default_factory=list)
    against: list[Condition] = field(default_factory=list)


def judge(aid: Aid, facts: Facts) -> Judged:
    """One aid, by what is known."""
    if aid.closed:
        return Judged(aid, Verdict.NO)
    held = [(condition, condition.holds(facts)) for condition in aid.conditions]
    met = [condition for condition, holds in held if holds is True]
    missing = [condition for condition, holds in held if holds is None]
    against = [condition for condition, holds in held if holds is False]
    if against:
        verdict = Verdict.NO
    else:
        verdict = Verdict.TO_CHECK if missing or not aid.verified else Verdict.YES
    return Judged(aid, verdict, met, missing, against)


def judge_all(facts: Facts, day: date, aids: Iterable[Aid] | None = None) -> list[Judged]:
    """Every aid in force that day, those that may be had first.

    Raises :class:`AidsError` when two versions of one hold together.
    """
    current = [aid for aid in (load_aids() if aids is None else aids) if aid.holds_on(day)]
    if len({aid.id for aid in current}) < len(current):
        raise AidsError(f"two versions of an aid hold on {day}")
    order = [Verdict.YES, Verdict.TO_CHECK, Verdict.NO]
    return sorted((judge(aid, facts) for aid in current), key=lambda one: order.index(one.verdict))


@cache
def load_aids() -> tuple[Aid, ...]:
    """Every version of every aid, as the file says."""
    return read_aids(_DATA.read_text(encoding="utf-8"))


def read_aids(text: str) -> tuple[Aid, ...]:
    """The aids of a TOML text. Raises :class:`AidsError` on a fact that nobody knows."""
    return tuple(_aid(row) for row in tomllib.loads(text).get("aid", []))


def _aid(row: Mapping[str, Any]) -> Aid:
    return Aid(
        id=row["id"],
        name=row["name"],
        gives=row["gives"],
        valid_from=row["valid_from"],
        valid_to=row.get("valid_to"),
        source=row["source"],
        verified=row["verified"],
        conditions=tuple(_condition(one) for one in row.get("condition", [])),
        closed=row.get("closed", ""),
        see=row.get("see", ""),
    )


def _condition(row: Mapping[str, Any]) -> Condition:
    for alternative in row["any"]:
        unknown = {name.removesuffix("_gte") for name in alternative} - _FACTS
        if unknown:
            raise AidsError(f"unknown facts: {sorted(unknown)}")
    return Condition(row["text"], row["confirmed_by"], tuple(row["any"]))


def _tests(alternative: Mapping[str, Any], facts: Facts) -> list[bool | None]:
    return [_test(name, wanted, facts) for name, wanted in alternative.items()]


def _test(name: str, wanted: Any, facts: Facts) -> bool | None:
    """« months_gte = 6 », « contract = 'cdi' »; None when the fact is not known."""
    known = getattr(facts, name.removesuffix("_gte"))
    if known is None:
        return None
    return bool(known >= wanted) if name.endswith("_gte") else bool(known == wanted)


def _all(values: Iterable[bool | None]) -> bool | None:
    """Kleene's « and »: one false decides, one unknown leaves it open."""
    found = list(values)
    if False in found:
        return False
    return None if None in found else True
