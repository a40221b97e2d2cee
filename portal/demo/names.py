"""Invented people: first names in use, surnames that are made up of syllables."""

from __future__ import annotations

from functools import cache
from random import Random

from portal.demo.scene import table


@cache
def _parts(*kinds: str) -> tuple[str, ...]:
    return tuple(row["text"] for row in table("names") if row["part"] in kinds)


def first_name(random: Random) -> str:
    """A first name."""
    return random.choice(_parts("women", "men"))


def is_womans(name: str) -> bool:
    """Whether an invented first name is a woman's."""
    return name in _parts("women")


def surname(random: Random) -> str:
    """A made-up surname; one in twelve is double, as in life."""
    name = _single(random)
    return f"{name}-{_single(random)}" if random.random() < 1 / 12 else name


def _single(random: Random) -> str:
    return random.choice(_parts("head")) + random.choice(_parts("tail"))
