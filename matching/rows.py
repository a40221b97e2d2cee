"""Records kept elsewhere, seen in an order of one's own, with some replaced.

A table of records read from disk decodes one when it is asked for. What changes since then is held
beside, so that one change costs one record.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, overload

import numpy as np

from matching.travel import Bools, Ints

Record = TypeVar("Record")
_BESIDE = -1


class _ByRow(Sequence[Record]):
    """Records found one row at a time."""

    @abstractmethod
    def _at_row(self, row: int) -> Record:
        """The record of one row."""

    @overload
    def __getitem__(self, row: int) -> Record: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, row: int | slice) -> Record | tuple[Record, ...]:
        """The record of a row, or those of a slice."""
        if isinstance(row, slice):
            return tuple(self[n] for n in range(*row.indices(len(self))))
        return self._at_row(row)


class Rows(_ByRow[Record]):
    """Records of ``base``, by their numbers in it (``at``), or else held in ``beside`` by row."""

    def __init__(self, base: Sequence[Record], at: Ints, beside: Mapping[int, Record]) -> None:
        self._base, self._at, self._beside = base, at, beside

    @classmethod
    def over(cls, records: Sequence[Record]) -> Rows[Record]:
        """All these records, in their order."""
        if isinstance(records, Rows):
            return records
        return cls(records, np.arange(len(records)), {})

    def __len__(self) -> int:
        """How many rows."""
        return len(self._at)

    def _at_row(self, row: int) -> Record:
        at = int(self._at[row])
        return self._beside[row % len(self)] if at == _BESIDE else self._base[at]

    def with_record(self, row: int, record: Record) -> Rows[Record]:
        """The same rows where this one is replaced, or added when it comes after the last."""
        at = self._at.copy() if row < len(self) else np.append(self._at, _BESIDE)
        at[row] = _BESIDE
        return Rows(self._base, at, {**self._beside, row: record})

    def taking(self, rows: Ints) -> Rows[Record]:
        """These rows alone, given in order."""
        at = self._at[rows]
        found = np.flatnonzero(at == _BESIDE).tolist()
        return Rows(self._base, at, {row: self._beside[int(rows[row])] for row in found})

    def then(self, others: Sequence[Record]) -> Rows[Record]:
        """The same rows, and these after them."""
        late = {len(self) + n: record for n, record in enumerate(others)}
        at = np.append(self._at, np.full(len(late), _BESIDE))
        return Rows(self._base, at, {**self._beside, **late})


class Seen(_ByRow[Record]):
    """Records of which some (by row) are seen changed: each when it is asked for."""

    def __init__(
        self, base: Sequence[Record], some: Bools, change: Callable[[Record], Record]
    ) -> None:
        self._base, self._some, self._change = base, some, change

    def __len__(self) -> int:
        """How many rows."""
        return len(self._base)

    def _at_row(self, row: int) -> Record:
        record = self._base[row]
        return self._change(record) if self._some[row] else record


def with_record(records: Sequence[Record], row: int, record: Record) -> Sequence[Record]:
    """The records where this one is replaced, or added when it comes after the last."""
    if isinstance(records, tuple):
        changed = [*records]
        changed[row : row + 1] = [record]
        return tuple(changed)
    return Rows.over(records).with_record(row, record)


def taking(records: Sequence[Record], rows: Ints) -> Sequence[Record]:
    """The records of these rows alone, given in order."""
    if isinstance(records, tuple):
        return tuple(records[row] for row in rows.tolist())
    return Rows.over(records).taking(rows)


def then(records: Sequence[Record], others: Sequence[Record]) -> Sequence[Record]:
    """The records, and these after them."""
    if isinstance(records, tuple):
        return (*records, *others)
    return Rows.over(records).then(others)
