"""The figures of ``concentration``, and the tables of the page of evaluation that say them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from benchmarks.concentration_picture import Bar

TOP = 0.10


@dataclass(frozen=True, slots=True)
class Figures:
    """How proposals are shared between the people who could have been proposed."""

    policy: str
    counts: tuple[int, ...]
    beyond: int

    @classmethod
    def of(cls, policy: str, times: Counter[str], beyond: int, people: Sequence[str]) -> Figures:
        """Counts of each person, fewest first; a person beyond ``people`` is one more."""
        everybody = [*people, *sorted(times.keys() - set(people))]
        return cls(policy, tuple(sorted(times[person] for person in everybody)), beyond)

    @property
    def total(self) -> int:
        """All the proposals."""
        return sum(self.counts)

    @property
    def top(self) -> int:
        """How many people the most proposed tenth is."""
        return -(-len(self.counts) // round(1 / TOP))

    @property
    def to_the_top(self) -> int:
        """Proposals that went to the most proposed tenth."""
        return sum(self.counts[-self.top :])

    @property
    def never(self) -> int:
        """People never proposed."""
        return self.counts.count(0)

    @property
    def gini(self) -> float:
        """0: everybody as often; near 1: everything to one person."""
        size = len(self.counts)
        ranked = sum(rank * count for rank, count in enumerate(self.counts, start=1))
        return 2 * ranked / (size * self.total) - (size + 1) / size


class Profile(NamedTuple):
    """Medians of some people: lists that could have proposed them, facts known of them."""

    lists: float
    facts: float


@dataclass(frozen=True, slots=True)
class Played:
    """The six months of a seed, the four ways, and who the rule left aside or not."""

    seed: int
    figures: tuple[Figures, ...]
    never: Profile
    others: Profile


def _of(part: int, whole: int) -> str:
    return f"{part:,}/{whole:,} ({100 * part / whole:.0f} %)"


def table(played: Played) -> str:
    """A seed in full."""
    lines = [
        "| Order of the lists | To the top 10 % of people | People never proposed | Gini "
        "| Beyond the three groups |",
        "|---|---|---|---|---|",
        *(
            f"| {f.policy} | {_of(f.to_the_top, f.total)} | {_of(f.never, len(f.counts))} "
            f"| {f.gini:.2f} | {_of(f.beyond, f.total)} |"
            for f in played.figures
        ),
    ]
    said = [
        "| By the rule (medians) | Lists that could have proposed them "
        "| Skills and licences known, held or not |",
        "|---|---|---|",
        f"| never proposed | {played.never.lists:g} | {played.never.facts:g} |",
        f"| the others | {played.others.lists:g} | {played.others.facts:g} |",
    ]
    return "\n".join([*lines, "", *said])


def bars_of(played: Played) -> list[Bar]:
    """People by number of proposals, for each way: what the picture shows."""
    return [Bar(figures.policy, figures.counts) for figures in played.figures]


def table_of_seeds(found: Sequence[Played]) -> str:
    """Never proposed, then the share of the top 10 %, for each seed and each way."""
    names = " | ".join(figures.policy for figures in found[0].figures)
    lines = [f"| Seed | {names} |", "|---" * (1 + len(found[0].figures)) + "|"]
    return "\n".join([*lines, *(row_of(played) for played in found), "", *_compared(found)])


def _compared(found: Sequence[Played]) -> list[str]:
    """In how many seeds the rule leaves fewer people aside than each other way."""
    lines = [
        "| Beside the rule | Leaves aside, on average | More people than the rule "
        "| As many | Fewer |",
        "|---|---|---|---|---|",
    ]
    for n, other in enumerate(found[0].figures[1:], start=1):
        gains = [played.figures[n].never - played.figures[0].never for played in found]
        counts = (sum(g > 0 for g in gains), gains.count(0), sum(g < 0 for g in gains))
        cells = " | ".join(f"{count}/{len(found)} seeds" for count in counts)
        mean = sum(gains) / len(found)
        lines.append(f"| {other.policy} | {mean:+.1f} people | {cells} |")
    return lines


def row_of(played: Played) -> str:
    """The line of a seed: people never proposed, share of proposals to the top 10 %, Gini."""
    cells = (
        f"{f.never}/{len(f.counts)} never, {100 * f.to_the_top / f.total:.0f} % to the top, "
        f"Gini {f.gini:.2f}"
        for f in played.figures
    )
    return f"| {played.seed} | " + " | ".join(cells) + " |"
