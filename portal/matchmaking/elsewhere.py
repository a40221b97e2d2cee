"""The lists of everyone made by the workers of a scheduler instead of this process."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matching as engine
from matching.everyone import PersonLists, Values, ranking_of
from matching.shards import Records
from portal.errors import InputError

if TYPE_CHECKING:
    from portal.matchmaking.batch import Report


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A scheduler (``tcp://…`` or ``tls://…``), its certificates, and where parts are kept.

    Called as ``batch.here`` is. A part that an interrupted run left in the folder is not made
    again while the records and the engine it was made from stay the same; once all the lists are
    given, the parts are removed: the table holds them.
    """

    scheduler: str
    folder: Path
    tls: tuple[str | None, str | None, str | None] = (None, None, None)

    def __call__(
        self, index: engine.Index, top: int, report: Report
    ) -> Iterator[engine.PersonRanking]:
        """The first offers of everyone, in the order of the index. Raises ``InputError``."""
        try:
            # Only then: no page, and no command without a scheduler, needs what this one does.
            from matching.cluster import parts
            from matching.cluster.crew import Cluster, ClusterError, Tls
            from matching.cluster.run import run
        except ModuleNotFoundError as error:
            missing = f"Il manque {error.name} : installez ecluse[cluster]."
            raise InputError(missing) from error
        people = len(index.people.people)

        def told(_done: int, _total: int, owners: int) -> None:
            report("calcul", owners, people)

        crew = Cluster(self.scheduler, Tls(*self.tls))
        try:
            paths = run(Records.of(index), PersonLists(top), self.folder, crew, told)
        except ClusterError as error:
            raise InputError(str(error)) from error
        # All the lists are made by now: nothing is locked in the database while they are.
        return _given(parts.rows(paths), paths)


def _given(rows: Iterator[Values], paths: list[Path]) -> Iterator[engine.PersonRanking]:
    for values in rows:
        ranking = ranking_of(values)
        assert isinstance(ranking, engine.PersonRanking)
        yield ranking
    for path in paths:
        path.unlink()
