"""What every part of the demonstration shares: one seed, one day, one session."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from importlib.resources import files
from random import Random
from typing import Any, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session

from portal import clock

SEED = 20261120
_ALPHABET = "bcdfghjkmnpqrstvwxz23456789"
Row = TypeVar("Row")


@dataclass
class Scene:
    """The session being filled; the same seed and day give the same territory."""

    session: Session
    today: date
    random: Random = field(default_factory=lambda: Random(SEED))  # noqa: S311 -- not a secret

    def add(self, row: Row) -> Row:
        """Add a row, with a reproducible public id when it has one."""
        if "public_id" in type(row).__table__.columns:  # type: ignore[attr-defined]
            row.public_id = self.public_id()  # type: ignore[attr-defined]
        self.session.add(row)
        return row

    def public_id(self) -> str:
        """A reproducible id for a row that something else adds."""
        return "".join(self.random.choices(_ALPHABET, k=14))

    def day(self, offset: int) -> date:
        """A day counted from today."""
        return self.today + timedelta(days=offset)

    def instant(self, offset: int, hour: int = 9, minute: int = 0) -> datetime:
        """An instant of a day counted from today, in Paris."""
        return datetime.combine(self.day(offset), time(hour, minute), clock.PARIS)

    def chance(self, probability: float) -> bool:
        """True with that probability."""
        return self.random.random() < probability


@contextmanager
def reproducible_ids(session: Session) -> Iterator[None]:
    """Meanwhile, rows that features add get reproducible public ids: some lists go by them."""
    drawn = Random(SEED + 1)  # noqa: S311 -- not a secret

    def give(_session: Session, row: Any) -> None:
        if getattr(row, "public_id", "") is None:
            row.public_id = "".join(drawn.choices(_ALPHABET, k=14))

    event.listen(session, "transient_to_pending", give)
    try:
        yield
    finally:
        event.remove(session, "transient_to_pending", give)


def table(name: str) -> list[dict[str, str]]:
    """A CSV file of the demonstration."""
    text = files("portal.demo").joinpath("data", f"{name}.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))


def luhn_complete(digits: str) -> str:
    """``digits`` with the check digit that makes it a valid SIREN or SIRET (Luhn)."""
    for check in "0123456789":
        total = 0
        for position, char in enumerate(reversed(digits + check)):
            value = int(char) * (2 if position % 2 else 1)
            total += value - 9 if value > 9 else value
        if total % 10 == 0:
            return digits + check
    raise AssertionError("one of ten digits always completes a Luhn sum")


def invented_siret(number: int) -> str:
    """A well-formed SIRET that no firm bears: real SIREN numbers do not begin with 000."""
    siren = luhn_complete(f"000{number:05d}")
    return luhn_complete(f"{siren}0001")


def pick(random: Random, weighted: Mapping[Any, float]) -> Any:
    """One key, with the weights given."""
    return random.choices(list(weighted), weights=list(weighted.values()))[0]
