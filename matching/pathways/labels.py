"""What the search handles: kinds of courses, dated choices, measures, and what beats what."""

from __future__ import annotations

from typing import NamedTuple

from matching.records import Session


class Kind(NamedTuple):
    """What decides the place of a course in a sequence."""

    gives: int
    asks: int
    relevant: bool


class Label(NamedTuple):
    """One dated choice: last day taken, certified or not, bits covered, facts to check."""

    end: int
    certified: bool
    covered: int
    to_check: int
    chain: tuple[int, ...]


class Measure(NamedTuple):
    """What dominance compares, so that less is better on each."""

    hire: int
    unknowns: int
    uncertified: bool

    def dominates(self, other: Measure) -> bool:
        """At least as good on the three, better on one."""
        return (
            self != other
            and self.hire <= other.hire
            and self.unknowns <= other.unknowns
            and self.uncertified <= other.uncertified
        )


class Found(NamedTuple):
    """A complete scenario: its measure, then what breaks ties."""

    measure: Measure
    steps: int
    sessions: tuple[Session, ...]
    immersed: bool
    certifications: int

    @property
    def tie(self) -> tuple[int, int, tuple[str, ...], bool]:
        """Fewer steps first, then more certifications, then session ids."""
        ids = tuple(s.id for s in self.sessions)
        return (self.steps, -self.certifications, ids, self.immersed)


def earliest(labels: list[Label]) -> list[Label]:
    """The labels by end (then certified, less to check, courses), one for each same outcome."""
    first: dict[tuple[bool, int, int], Label] = {}
    for label in sorted(
        labels, key=lambda x: (x.end, not x.certified, x.to_check.bit_count(), x.chain)
    ):
        first.setdefault((label.certified, label.covered, label.to_check), label)
    return list(first.values())


def pareto(labels: list[Label]) -> list[Label]:
    """The labels that no other makes useless, by end."""
    kept: list[Label] = []
    for label in earliest(labels):
        if not any(makes_useless(k, label) for k in kept):
            kept.append(label)
    return kept


def makes_useless(one: Label, other: Label) -> bool:
    """Whether whatever follows ``other`` may follow ``one`` with as good an outcome."""
    return (
        one.end <= other.end
        and one.certified >= other.certified
        and not other.covered & ~one.covered
        and not one.to_check & ~other.to_check
    )


def insert(front: list[Found], found: Found) -> bool:
    """Add a scenario to a front: one per measure (the tie decides), none dominated.

    True when the measures of the front have changed.
    """
    for k, rival in enumerate(front):
        if rival.measure.dominates(found.measure):
            return False
        if rival.measure == found.measure:
            front[k] = min(rival, found, key=lambda f: f.tie)
            return False
    front[:] = [f for f in front if not found.measure.dominates(f.measure)]
    front.append(found)
    return True
