"""A run: the shards of a world, those already on disk left aside, the others given to a crew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from matching.cluster import fingerprint, parts
from matching.cluster.crew import Crew, Packed
from matching.cluster.folder import alone_in, cleared
from matching.cluster.job import Common, Job
from matching.cluster.packing import packed
from matching.everyone import PersonPathways, Work, shards_for, usual_size
from matching.shards import Records, Shard

#: Shards done, shards in all, and the owners (people or offers) of those done.
Report = Callable[[int, int, int], None]


@contextmanager
def run(
    records: Records,
    work: Work,
    folder: Path,
    crew: Crew,
    report: Report = lambda *_: None,
    *,
    most: int | None = None,
    own: bool = False,
) -> Iterator[list[Path]]:
    """Do the work of everyone by shards of ``most`` owners, one file each in ``folder``.

    The files are given in the block, until whose end nobody else works in the folder. One that is
    there already is not made again when it is of this very run: same records, same work, same cut,
    same engine. Files of another run are refused, or removed when the folder is the caller's
    ``own``. Raises ``ClusterError``, and ``OSError`` of the folder.
    """
    most = most or usual_size(work)
    with alone_in(folder):
        name = fingerprint.of_run(records, work, most)
        cleared(folder, name, own=own)
        shards = {
            folder / f"{name}-{number:06}.parquet": shard
            for number, shard in enumerate(shards_for(records, work, most))
        }
        _fill(shards, records, work, crew, report)
        yield list(shards)


def _fill(
    shards: dict[Path, Shard], records: Records, work: Work, crew: Crew, report: Report
) -> None:
    left = {
        path: shard for path, shard in shards.items() if not parts.is_whole(path, len(shard.owners))
    }
    done = len(shards) - len(left)
    owners = sum(len(shards[path].owners) for path in shards.keys() - left.keys())
    report(done, len(shards), owners)
    if not left:
        return
    names = {path.stem: path for path in left}
    for name, data in crew.results(_jobs(left, work), _common(records, work)):
        parts.write(names[name], data)
        done, owners = done + 1, owners + len(shards[names[name]].owners)
        report(done, len(shards), owners)


def _jobs(shards: dict[Path, Shard], work: Work) -> Iterator[Packed]:
    """Jobs, packed when they are about to be sent: all of them at once would fill the memory."""
    for path, shard in shards.items():
        yield Packed(path.stem, packed(Job(shard, work)))


def _common(records: Records, work: Work) -> bytes:
    sessions = tuple(records.sessions) if isinstance(work, PersonPathways) else ()
    return packed(Common(records.ground, sessions, fingerprint.engine()))
