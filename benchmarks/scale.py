"""Beyond one machine: ``python -m benchmarks.scale``.

By default, the lists of 200,000 people × 100,000 offers (the made-up *region* of
``benchmarks/match/worlds.py``, fixed seed), first by one process, then by shards on a Dask
scheduler with two local workers, and the lines of both compared. ``--pathways`` compares the
pathways instead (``--people`` and ``--offers`` make the world smaller); ``--trim 65536`` leaves the
workers the allocator's threshold that Dask gives them by default.

``--france`` measures what 1.8 million people × 1 million offers cost with lists and pathways, on a
sample: France is taken as 17 such regions (551,500 km² / 32,000 km²). One is made whole; the other
16 only by their communes and sessions, which a pathway out of reach is told with, and of which the
remote ones are open to everybody. Its shards are put in ``--sample`` groups of about as many
people, from the densest in offers to the sparsest; one of each is drawn and done as a worker does
it (pathways: for ``--drawn`` of its people), and the sum is written out.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import dask
import numpy as np
from distributed import Client, LocalCluster

from benchmarks.match.worlds import REGIONS, SEED, build, elsewhere
from matching.cluster import fingerprint, parts
from matching.cluster.crew import Cluster
from matching.cluster.job import Common, Job, answer
from matching.cluster.packing import packed, unpacked
from matching.cluster.run import run
from matching.everyone import (
    PersonLists,
    PersonPathways,
    Work,
    answers,
    line,
    shards_for,
    usual_size,
)
from matching.pathways.everyone import Goals
from matching.shards import Ground, Records, Shard

TOP = 20
FRANCE = {"people": 1_800_000, "offers": 1_000_000, "sessions": 144_000}
# The allocator keeps the memory of arrays instead of giving it back and asking again.
TRIM = 1 << 30


def _held() -> float:
    """The most megabytes this process has held since it was started."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) / 1e3


def _digest(lines: Iterable[str]) -> str:
    found = hashlib.sha256()
    for one in lines:
        found.update(one.encode())
    return found.hexdigest()[:16]


def _timed(work: Callable[[], Any]) -> tuple[Any, float, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, time.process_time() - cpu, time.perf_counter() - wall


def _world(arguments: argparse.Namespace) -> Records:
    world = build(arguments.people, arguments.offers, arguments.sessions, seed=arguments.seed)
    ground = Ground(tuple(world.communes), world.taxonomy, world.today)
    return Records(world.people, world.offers, world.sessions, ground)


def _alone(records: Records, work: Work) -> str:
    """One process, the whole world: processor seconds, and the digest of its lines."""
    index, cpu, _ = _timed(lambda: Shard((), *records[:3], 0).indexed(records.ground))
    digest, more, wall = _timed(lambda: _digest(map(line, answers(index, work))))
    print(
        f"one process: index {cpu:.1f} s cpu, answers and lines {more:.1f} s cpu"
        f" ({wall:.1f} s clock), {_held():.0f} MB at most"
    )
    return str(digest)


@contextmanager
def _workers(number: int, trim: int) -> Iterator[Client]:
    environ = {"MALLOC_TRIM_THRESHOLD_": str(trim), "OMP_NUM_THREADS": "1"}
    settings = {"distributed.nanny.pre-spawn-environ": environ}
    with (
        dask.config.set(settings),
        LocalCluster(
            n_workers=number, threads_per_worker=1, dashboard_address="127.0.0.1:0"
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        yield client


def compared(arguments: argparse.Namespace, work: Work) -> None:
    """One process against shards on local workers: the same lines, and what each costs."""
    records = _world(arguments)
    print(f"{len(records.people):,} people × {len(records.offers):,} offers, {work}")
    expected = _alone(records, work)
    most = arguments.shard or usual_size(work)
    shards, cpu, _ = _timed(lambda: shards_for(records, work, most))
    halo = sum(len(s.offers) for s in shards) / len(records.offers)
    print(f"cut: {cpu:.1f} s cpu, {len(shards)} shards; an offer is in {halo:.1f} of them")
    with tempfile.TemporaryDirectory() as name, ExitStack() as kept:
        folder = Path(name)
        with _workers(arguments.workers, arguments.trim) as client:
            before = client.run(time.process_time)
            crew = Cluster(client.scheduler.address)
            made = run(records, work, folder, crew, most=most)
            paths, mine, wall = _timed(lambda: kept.enter_context(made))
            _told_of_workers(client, before, mine, wall, paths)
        digest, cpu, _ = _timed(lambda: _digest(parts.lines(paths, folder)))
        print(f"lines read back from the parts, in the order of the files: {cpu:.1f} s cpu")
    assert digest == expected, "the shards give other lines"
    print(f"the same lines by both, SHA-256 {digest}…")


def _told_of_workers(
    client: Client, before: dict[str, float], mine: float, wall: float, paths: list[Path]
) -> None:
    spent, held = client.run(time.process_time), client.run(_held)
    used = [spent[worker] - before[worker] for worker in spent]
    print(
        f"{len(used)} workers: {' + '.join(f'{u:.1f}' for u in used)} s cpu, client and"
        f" scheduler {mine:.1f} s cpu, {wall:.1f} s clock; at most"
        f" {' and '.join(f'{m:.0f}' for m in held.values())} MB held by a worker;"
        f" {sum(path.stat().st_size for path in paths) / 1e6:.0f} MB of Parquet"
    )


def france(arguments: argparse.Namespace) -> None:
    """A sample of the shards of one of 17 regions, and the sum for the country."""
    each = {name: -(-number // REGIONS) for name, number in FRANCE.items()}
    arguments.people, arguments.offers, arguments.sessions = each.values()
    records = _world(arguments)
    communes, sessions = [*records.ground.communes], [*records.sessions]
    for number in range(1, REGIONS):
        more, others = elsewhere(number, each["sessions"], arguments.seed)
        communes += more
        sessions += others
    ground = records.ground._replace(communes=tuple(communes))
    records = records._replace(sessions=sessions, ground=ground)
    print(
        f"one region of {REGIONS}: {len(records.people):,} people × {len(records.offers):,} offers;"
        f" {len(communes):,} communes and {len(sessions):,} sessions of the whole country"
    )
    common, cpu, _ = _timed(lambda: _common(records))
    print(f"what all shards share, once a worker: {cpu:.1f} s cpu")
    for work in (PersonLists(TOP), PersonPathways(Goals())):
        _summed(records, work, common, arguments)
    print(f"most memory held by this process: {_held():.0f} MB")


def _common(records: Records) -> Common:
    common = Common(records.ground, tuple(records.sessions), fingerprint.engine())
    _ = common.register
    return common


class Cost(NamedTuple):
    """What a shard costs a worker: processor seconds, bytes sent and bytes of the part."""

    seconds: float
    sent: int
    written: int


def _cost(shard: Shard, work: Work, common: Common, drawn: list[int]) -> Cost:
    """A shard as a worker does it, with the answers of those drawn only, then of all by rule of
    three: reading it and making its index are paid whole.
    """
    data = packed(Job(shard, work))
    _, ready, _ = _timed(lambda: unpacked(data).shard.indexed(common.ground))
    people, owners = ([rows[n] for n in drawn] for rows in (shard.people, shard.owners))
    some = packed(Job(shard._replace(people=tuple(people), owners=tuple(owners)), work))
    _, ready_for_some, _ = _timed(lambda: unpacked(some).shard.indexed(common.ground))
    part, spent, _ = _timed(lambda: answer(some, common))
    times = len(shard.people) / len(drawn)
    return Cost(
        ready + max(0.0, spent - ready_for_some) * times, len(data), round(len(part) * times)
    )


def _strata(shards: list[Shard], most: int) -> list[list[Shard]]:
    """The shards from the densest in offers to the sparsest, in groups of about as many people."""
    ordered = sorted(shards, key=lambda shard: -len(shard.offers))
    people = np.array([len(shard.people) for shard in ordered])
    middle = np.cumsum(people) - people / 2
    group = (middle * min(most, len(shards)) / people.sum()).astype(int)
    found = ([ordered[n] for n in np.flatnonzero(group == mine)] for mine in range(most))
    return [shards for shards in found if shards]


def _summed(records: Records, work: Work, common: Common, arguments: argparse.Namespace) -> None:
    """One shard drawn from each group, and what the people of the group cost at its rate."""
    draw = np.random.default_rng(arguments.seed)
    shards = shards_for(records, work, arguments.shard or usual_size(work))
    total, written, rates = 0.0, 0.0, []
    for group in _strata(shards, arguments.sample):
        one = group[int(draw.integers(len(group)))]
        asked = arguments.drawn if isinstance(work, PersonPathways) else len(one.people)
        number = min(asked, len(one.people))
        drawn = sorted(draw.choice(len(one.people), number, replace=False).tolist())
        cost, people = _cost(one, work, common, drawn), sum(len(s.people) for s in group)
        rate = cost.seconds / len(one.people)
        print(
            f"  one of {len(group)} shards: {len(one.people):,} people × {len(one.offers):,}"
            f" offers, {len(one.sessions):,} sessions, {cost.sent / 1e6:.1f} MB sent;"
            f" {cost.seconds:.1f} s cpu ({number:,} people drawn), {1000 * rate:.2f} ms a person"
            f" × {people:,} = {rate * people:,.0f} s"
        )
        total += rate * people
        written += cost.written / len(one.people) * people
        rates.append(rate)
    times = FRANCE["people"] / len(records.people)
    print(
        f"{type(work).__name__}, {len(shards)} shards: {total:,.0f} s for {len(records.people):,}"
        f" people × {times:.1f} = {total * times:,.0f} s cpu = {total * times / 3600:.1f} h on one"
        f" core, {total * times / 60 / 16:.0f} min on 16; from {1000 * min(rates):.2f} to"
        f" {1000 * max(rates):.2f} ms a person; {written * times / 1e9:.1f} GB of Parquet"
    )


def main() -> None:
    """Read the options and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200_000)
    parser.add_argument("--offers", type=int, default=100_000)
    parser.add_argument("--sessions", type=int, default=4_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--trim", type=int, default=TRIM, help="MALLOC_TRIM_THRESHOLD_")
    parser.add_argument("--shard", type=int, help="people in a shard")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--pathways", action="store_true")
    parser.add_argument("--france", action="store_true")
    parser.add_argument("--sample", type=int, default=6, help="shards done, with --france")
    parser.add_argument("--drawn", type=int, default=500, help="people whose pathways are made")
    arguments = parser.parse_args()
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, engine {fingerprint.engine()}")
    small = build(50, 50, 50).indexed()
    _, cpu, _ = _timed(lambda: list(answers(small, PersonLists(TOP))))
    print(f"loops compiled, or read from the disk where they are kept: {cpu:.1f} s cpu")
    if arguments.france:
        france(arguments)
    else:
        compared(arguments, PersonPathways(Goals()) if arguments.pathways else PersonLists(TOP))


if __name__ == "__main__":
    main()
