"""The options of commands that work by shards, and what they do."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from matching.cluster import parts
from matching.cluster.crew import Cluster, Crew, Processes, Tls
from matching.cluster.run import run
from matching.everyone import OfferLists, Work
from matching.output import write_lines
from matching.shards import Records


def crew_of(arguments: Namespace) -> Crew:
    """Who does the work, from the options ``scheduler``, ``tls_*`` and ``workers``."""
    if arguments.scheduler is None:
        return Processes(arguments.workers or 1)
    tls = Tls(arguments.tls_ca, arguments.tls_cert, arguments.tls_key)
    return Cluster(arguments.scheduler, tls)


def by_shards(records: Records, work: Work, arguments: Namespace) -> None:
    """Fill the folder ``parts``; with ``out``, write the lines too.

    Raises ``ClusterError``, ``FileError`` for a part that is damaged, and ``OSError``.
    """
    crew, folder = crew_of(arguments), Path(arguments.parts)
    owners = "offres" if isinstance(work, OfferLists) else "personnes"

    def told(done: int, total: int, number: int) -> None:
        print(
            f"tranches\u00a0: {done} sur {total} ({number} {owners})", file=sys.stderr, flush=True
        )

    with run(records, work, folder, crew, told, most=arguments.shard) as paths:
        if arguments.out is not None:
            write_lines(parts.lines(paths, folder), arguments.out)
