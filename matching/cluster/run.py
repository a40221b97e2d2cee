"""A run: the shards of a world, those already on disk left aside, the others given to a crew."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from matching.cluster import fingerprint, parts
from matching.cluster.crew import Crew, Packed
from matching.cluster.job import Common, Job
from matching.everyone import PersonPathways, Work, shards_for
from matching.shards import Records, Shard

#: Shards done, shards in all, and the owners (people or offers) of those done.
Report = Callable[[int, int, int], None]


def run(
    records: Records,
    work: Work,
    folder: Path,
    crew: Crew,
    report: Report = lambda *_: None,
    *,
    most: int | None = None,
) -> list[Path]:
    """Do the work of everyone by shards of ``most`` owners, one file each in ``folder``.

    A part that is there already is not made again, if its records and the engine are those it
    was made from; when all are there, parts of the same work on other records are removed, so
    that the folder is the result. Raises ``ClusterError``, and ``OSError`` of the folder.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    names = fingerprint.Fingerprints(records, work)
    shards = {names.name(shard): shard for shard in shards_for(records, work, most)}
    paths = {name: folder / f"{name}.parquet" for name in shards}
    left = {name: shard for name, shard in shards.items() if not paths[name].exists()}
    owners = sum(len(shards[name].owners) for name in shards.keys() - left.keys())
    done = len(shards) - len(left)
    report(done, len(shards), owners)
    if left:
        for name, data in crew.results(_packed(left, work), _common(records, work)):
            parts.write(paths[name], data)
            done, owners = done + 1, owners + len(shards[name].owners)
            report(done, len(shards), owners)
    _sweep(folder, names.kind, paths.values())
    return list(paths.values())


def _packed(shards: dict[str, Shard], work: Work) -> Iterator[Packed]:
    """Jobs, packed when they are about to be sent: all of them at once would fill the memory."""
    for name, shard in shards.items():
        yield Packed(name, pickle.dumps(Job(shard, work), protocol=5))


def _common(records: Records, work: Work) -> bytes:
    sessions = tuple(records.sessions) if isinstance(work, PersonPathways) else ()
    return pickle.dumps(Common(records.ground, sessions, fingerprint.engine()), protocol=5)


def _sweep(folder: Path, kind: str, kept: Iterable[Path]) -> None:
    # Drafts too: those of runs that were killed while they wrote.
    left = {*folder.glob(f"{kind}-*.parquet"), *folder.glob(f".{kind}-*.part")}
    for stale in left - {*kept}:
        stale.unlink(missing_ok=True)
