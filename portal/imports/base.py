"""What an importer is, and what passes between it and the pipeline."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Protocol

from sqlalchemy.orm import Session

from portal import clock
from portal.errors import InputError
from portal.models import ImportKind
from portal.text import N_

if TYPE_CHECKING:
    from portal.imports.source import Source
    from portal.imports.stage import Stage

BATCH = 1_000


class RefusedFileError(InputError):
    """The file is refused whole and nothing is written; ``message`` is for the reader.

    The message says what the file is, what was expected and what to do.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class Phase(StrEnum):
    """What a run is doing."""

    READ = N_("Lecture du fichier")
    COMPARE = N_("Comparaison avec ce qui est connu")
    PREPARE = N_("Rapprochement des libellés")
    WRITE = N_("Écriture")


class Verdict(StrEnum):
    """What an item brings."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Item:
    """A valid row of the file.

    ``key`` names it within its ``part``: a second row with the same key is rejected.
    ``value`` is what the importer needs to compare and write it (picklable). ``part`` is a
    table or family of rows, counted apart and written in the order of ``Importer.parts``.
    """

    key: str
    value: Any
    line: int | None = None
    part: str = ""


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row left out: where (line of the file, 1 = first), which field, why (French)."""

    line: int | None
    field: str | None
    reason: str
    part: str = ""


class Monitor(Protocol):
    """Who follows a run. Whatever it raises stops the run with nothing written."""

    def step(self, phase: Phase, done: int, total: int | None) -> None:
        """``done`` of ``total`` (None: not known) in this phase; called between batches."""


class SilentMonitor:
    """Follows nothing."""

    def step(self, phase: Phase, done: int, total: int | None) -> None:
        """Do nothing."""


@dataclass(slots=True)
class Counts:
    """The figures of a run, overall and by part."""

    by_part: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, part: str, what: str, number: int = 1) -> None:
        """Count ``number`` more of ``what`` (read, created, changed, unchanged, rejected)."""
        self.by_part.setdefault(part, Counter())[what] += number

    def total(self, what: str) -> int:
        """All parts together."""
        return sum(counter[what] for counter in self.by_part.values())


@dataclass(slots=True)
class Context:
    """What an importer knows of its run.

    ``run_id`` is that of the ``ImportRun`` row, known from ``apply`` on. ``memory`` is the
    importer's own, to carry small things from a phase to the next.
    """

    stage: Stage
    counts: Counts
    monitor: Monitor
    account_id: int | None = None
    run_id: int | None = None
    today: date = field(default_factory=clock.today)
    memory: dict[str, Any] = field(default_factory=dict)

    def remark(self, line: int | None, field: str | None, reason: str, part: str = "") -> None:
        """Say in the report that a row was kept without one of its fields, and why (French)."""
        self.counts.add(part, "remarks")
        self.stage.reject(Rejection(line, field, reason, part))


class Importer(ABC):
    """One kind of file. Memory must not grow with the file beyond ``BATCH`` items."""

    kind: ClassVar[ImportKind]
    parts: Sequence[str] = ("",)

    def __init__(self, options: Mapping[str, Any] | None = None) -> None:
        """``options`` come from the screen or the command (JSON): a mapping of columns…"""
        self.options: dict[str, Any] = dict(options or {})

    @abstractmethod
    def read(self, source: Source, context: Context) -> Iterator[Item | Rejection]:
        """Validate the file row by row, without the database.

        Raises :class:`RefusedFileError` when the file is not what it claims.
        """

    @abstractmethod
    def compare(
        self, session: Session, items: Sequence[Item], context: Context
    ) -> Iterable[Verdict | Rejection]:
        """One verdict per item (of one part), in order, from a read-only session."""

    def prepare(self, session: Session, context: Context) -> None:  # noqa: B027 -- optional
        """Compute, still read-only, what ``finish`` needs and takes long (phase PREPARE)."""

    @abstractmethod
    def apply(self, session: Session, items: Sequence[Item], context: Context) -> None:
        """Write a batch (of one part) of created and changed items.

        Rows may have moved since the comparison: write with upserts or after reading again.
        """

    def finish(self, session: Session, context: Context) -> None:  # noqa: B027 -- optional
        """Close the write phase: retire what the file no longer has…"""
