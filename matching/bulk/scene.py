"""What the lists of everyone are made from, and how the work is shared out by commune."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

from matching.bulk import vectors
from matching.bulk.cast import Cast
from matching.bulk.layout import Layout
from matching.bulk.reach import Parties, Territory, parties_of
from matching.bulk.settle import Names
from matching.index import Index
from matching.travel import Ints

Progress = Callable[[int, int], None]
Part = TypeVar("Part")
# Some communes, each with its people by their place in the cast.
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
    cast: Cast
    territory: Territory
    names: Names
    top: int

    def parties(self, communes: Communes) -> Parties:
        """The people of these communes."""
        return parties_of(self.territory, self.world.communes, communes, self.cast.limits)


def scene_of(index: Index, top: int, compiled: bool) -> Scene:
    """The scene of an index, for the loops or for NumPy."""
    stage, cast = index.stage, index.cast
    return Scene(
        index,
        stage.layout,
        None if compiled else stage.columns,
        cast,
        stage.territory,
        cast.names if compiled else cast.names._replace(quick=None),
        top,
    )


def spread_out(
    scene: Scene,
    work: Callable[[Communes], Part],
    threads: int,
    progress: Progress | None,
) -> list[Part]:
    """What ``work`` makes of all the communes, some at a time, by these many threads.

    ``progress`` is called with the people done and their number; what it raises stops the work.
    """
    communes = scene.cast.communes
    chunks = [communes[n : n + _CHUNK] for n in range(0, len(communes), _CHUNK)]
    parts: list[Part] = []
    done = 0
    with ThreadPoolExecutor(threads) as pool:
        try:
            for chunk, part in zip(chunks, pool.map(work, chunks), strict=True):
                parts.append(part)
                done += sum(len(people) for _, people in chunk)
                if progress is not None:
                    progress(done, len(scene.cast.number))
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return parts
