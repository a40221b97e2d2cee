"""The register counted by trade, by what lacks, or by territory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.needs.rules import Cell, shown_part, total
from portal.projects.rules import Range, shown_count

_MOST_CAUSES = 3


class Axis(StrEnum):
    """What the lines of the table are."""

    TRADE = "metier"
    LACK = "competence"
    PLACE = "territoire"


@dataclass(frozen=True, slots=True)
class Fact:
    """A need as it is counted: where it falls, whom or how many jobs it stands for, what lacks."""

    cell: Cell
    person: bool
    jobs: int
    lacks: frozenset[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the register; ``key`` is its trade, lack or place."""

    key: str
    people: Range
    jobs: int
    lacks: tuple[str, ...]

    @property
    def weight(self) -> int:
        """What ranks the lines: the most needed first."""
        return self.people.high + self.jobs


def count_lines(facts: Iterable[Fact], axis: Axis, *, masked: bool) -> list[Line]:
    """The lines of the register, the most needed first.

    ``people`` are needs of people, masked from 1 to 4 where ``masked``; ``jobs`` those of major
    projects, which point at nobody.
    """
    rows = list(facts)
    wholes = Counter(row.cell for row in rows if row.person)
    groups: dict[str, list[Fact]] = defaultdict(list)
    for row in rows:
        for key in _keys(row, axis):
            groups[key].append(row)
    lines = [_line(key, group, wholes, axis, masked=masked) for key, group in groups.items()]
    return sorted(lines, key=lambda line: (-line.weight, line.key))


def _keys(row: Fact, axis: Axis) -> Iterable[str]:
    if axis is Axis.LACK:
        return sorted(row.lacks)
    return (row.cell.trade if axis is Axis.TRADE else row.cell.place,)


def _line(
    key: str, rows: Sequence[Fact], wholes: Mapping[Cell, int], axis: Axis, *, masked: bool
) -> Line:
    counts = Counter(row.cell for row in rows if row.person)
    people = total(
        shown_part(count, wholes[cell], masked=masked)
        if axis is Axis.LACK
        else shown_count(count, masked=masked)
        for cell, count in counts.items()
    )
    jobs = sum(row.jobs for row in rows if not row.person)
    return Line(key, people, jobs, _main_lacks(rows, masked=masked))


def _main_lacks(rows: Sequence[Fact], *, masked: bool) -> tuple[str, ...]:
    """What lacks most often; where counts are masked, only what many lack in one box."""
    found: Counter[str] = Counter()
    for same in _by_cell(rows).values():
        counts = Counter(lack for row in same for lack in row.lacks)
        for lack, count in counts.items():
            if shown_part(count, len(same), masked=masked).exact:
                found[lack] += count
    ranked = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    return tuple(lack for lack, _count in ranked[:_MOST_CAUSES])


def _by_cell(rows: Iterable[Fact]) -> dict[Cell, list[Fact]]:
    found: dict[Cell, list[Fact]] = defaultdict(list)
    for row in rows:
        if row.person:
            found[row.cell].append(row)
    return found
