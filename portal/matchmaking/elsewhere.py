"""The lists of everyone made by the workers of a scheduler instead of this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import matching as engine
from matching.everyone import Answer, PersonLists
from matching.files import FileError
from matching.options import unusable_scheduler
from matching.output import why_unwritable
from matching.shards import Records
from portal.errors import InputError

if TYPE_CHECKING:
    from portal.matchmaking.batch import Report


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A scheduler (``tcp://…`` or ``tls://…``), its certificates, and a folder for its parts alone.

    Called as ``batch.here`` is. A part that an interrupted run left in the folder is not made
    again while the records and the engine it was made from stay the same; once all the lists are
    given, the parts are removed: the table holds them.
    """

    scheduler: str
    folder: Path
    tls: tuple[str | None, str | None, str | None] = (None, None, None)

    def __post_init__(self) -> None:
        """Raises ``InputError`` for an address or certificates that cannot serve."""
        wrong = unusable_scheduler(self.scheduler, self.tls)
        if wrong is not None:
            raise InputError(wrong)

    def __call__(
        self, index: engine.Index, top: int, report: Report
    ) -> Iterator[engine.PersonRanking]:
        """The first offers of everyone, shard by shard. Raises ``InputError``."""
        try:
            # Only then: no page, and no command without a scheduler, needs what this one does.
            from matching.cluster import parts
            from matching.cluster.crew import Cluster, Tls
            from matching.cluster.run import run
        except ModuleNotFoundError as error:
            missing = f"Il manque {error.name} : installez ecluse[cluster]."
            raise InputError(missing) from error
        people = len(index.people.people)

        def told(_done: int, _total: int, owners: int) -> None:
            report("calcul", owners, people)

        crew, work, kept = Cluster(self.scheduler, Tls(*self.tls)), PersonLists(top), ExitStack()
        with _told_in_french(self.folder):
            made = run(Records.of(index), work, self.folder, crew, told, own=True)
            paths = kept.enter_context(made)
        # All the lists are made by now: nothing is locked in the database while they are.
        return _given(parts.answers(paths), paths, self.folder, kept)


@contextmanager
def _told_in_french(folder: Path) -> Iterator[None]:
    from matching.cluster.errors import ClusterError

    try:
        yield
    except (ClusterError, FileError) as error:
        raise InputError(str(error)) from error
    except OSError as error:
        raise InputError(why_unwritable(error, folder)) from error


def _given(
    answers: Iterator[tuple[int, Answer]], paths: list[Path], folder: Path, kept: ExitStack
) -> Iterator[engine.PersonRanking]:
    with kept, _told_in_french(folder):
        for _, ranking in answers:
            assert isinstance(ranking, engine.PersonRanking)
            yield ranking
        for path in paths:
            path.unlink()
