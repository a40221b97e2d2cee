"""What the tests of several processes and machines share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from matching.everyone import OfferLists, PersonLists, PersonPathways, Work, answers, line
from matching.index import Index
from matching.pathways.everyone import Goals

WHY = "the extra « cluster » is not installed: pip install 'ecluse[cluster]'"
distributed = pytest.importorskip("distributed", reason=WHY)
pytest.importorskip("pyarrow", reason=WHY)

from matching.cluster import parts  # noqa: E402
from matching.cluster.crew import Packed, Processes  # noqa: E402

WORKS: tuple[Work, ...] = (PersonLists(5), OfferLists(5), PersonPathways(Goals(2)))
SMALL = 12


def lines(index: Index, work: Work) -> list[str]:
    """The lines of one machine."""
    return [line(answer) for answer in answers(index, work)]


def read(paths: list[Path]) -> list[str]:
    """The lines of some parts."""
    return list(parts.lines(paths, paths[0].parent))


def files(folder: Path) -> list[Path]:
    """What a run left there but for its lock."""
    return sorted(path for path in folder.iterdir() if path.name != ".verrou")


class Counted:
    """A crew of one process that remembers the names of the jobs it was given."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def results(self, jobs: Iterable[Packed], common: bytes) -> Iterator[tuple[str, bytes]]:
        def seen() -> Iterator[Packed]:
            for job in jobs:
                self.asked.append(job.name)
                yield job

        yield from Processes(1).results(seen(), common)
