"""What the lists of everyone are made from, and how the work is shared out by commune."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

import numpy as np

from matching.bulk import hashing, vectors
from matching.bulk.jit import COMPILED
from matching.bulk.layout import Crowd, Layout, crowd_of
from matching.bulk.reach import Limits, Territory
from matching.bulk.settle import Names
from matching.index import Index
from matching.travel import Ints

Progress = Callable[[int, int], None]
Part = TypeVar("Part")
# Some communes, each with the numbers of its people.
Communes = Sequence[tuple[str, Ints]]
# Communes that a thread takes at once.
_CHUNK = 64
# Beyond so many each, the sorted few that the loops keep are no longer few.
MOST_COMPILED = 256


class Scene(NamedTuple):
    """All that threads read. ``columns`` are for NumPy, absent where the loops do the work."""

    world: Index
    layout: Layout
    columns: vectors.Columns | None
    crowd: Crowd
    limits: Limits
    territory: Territory
    names: Names
    top: int


def scene_of(index: Index, top: int, compiled: bool) -> Scene:
    """The scene of an index, for the loops or for NumPy."""
    stage = index.stage
    people = list(index.people.number)
    quick = hashing.quick_words(people, stage.names) if compiled and COMPILED else None
    return Scene(
        index,
        stage.layout,
        None if compiled else stage.columns,
        crowd_of(index.people, stage.layout, index.taxonomy),
        index.people.limits,
        stage.territory,
        Names(people, stage.names, quick),
        top,
    )


def spread_out(
    index: Index,
    work: Callable[[Communes], Part],
    threads: int,
    progress: Progress | None,
) -> list[Part]:
    """What ``work`` makes of all the communes, some at a time, by these many threads.

    ``progress`` is called with the people done and their number; what it raises stops the work.
    """
    communes = _by_commune(index)
    chunks = [communes[n : n + _CHUNK] for n in range(0, len(communes), _CHUNK)]
    parts: list[Part] = []
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            for chunk, part in zip(chunks, pool.map(work, chunks), strict=True):
                parts.append(part)
                done += sum(len(people) for _, people in chunk)
                if progress is not None:
                    progress(done, len(index.people.people))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return parts


def _by_commune(index: Index) -> list[tuple[str, Ints]]:
    """The communes where people live, each with the numbers of its people."""
    people = index.people
    order = np.argsort(people.place, kind="stable")
    last = np.cumsum(np.bincount(people.place, minlength=len(people.places.codes)))
    first = np.append(0, last)
    return [
        (code, order[first[n] : last[n]])
        for n, code in enumerate(people.places.codes)
        if last[n] > first[n]
    ]
