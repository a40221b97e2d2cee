"""Numbers instead of words: what many records hold, in a few arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from typing import NamedTuple, TypeVar, overload

import numpy as np

from matching.bulk.layout import Codes
from matching.records import Prerequisite, Requirement, RequirementKind
from matching.travel import Ints

Record = TypeVar("Record")
KINDS = tuple(RequirementKind)
# No day, no level, no word.
NONE = -1


class Lazy(Sequence[Record]):
    """Records made when they are asked for, each time anew."""

    def __init__(self, size: int, read: Callable[[int], Record]) -> None:
        self._size, self._read = size, read

    def __len__(self) -> int:
        """How many records."""
        return self._size

    @overload
    def __getitem__(self, row: int) -> Record: ...
    @overload
    def __getitem__(self, row: slice) -> tuple[Record, ...]: ...
    def __getitem__(self, row: int | slice) -> Record | tuple[Record, ...]:
        """The record of a row, or those of a slice."""
        numbers = range(self._size)[row]
        if isinstance(numbers, int):
            return self._read(numbers)
        return tuple(map(self._read, numbers))


def codes(numbers: Iterable[int]) -> Codes:
    """Small numbers: days, words, bits."""
    return np.fromiter(numbers, dtype=np.int32)


class Names:
    """Words numbered as they come."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}

    def of(self, word: str | None) -> int:
        """The number of a word, ``NONE`` for no word."""
        return NONE if word is None else self.number.setdefault(word, len(self.number))

    def numbered(self, held: Mapping[str, int]) -> list[tuple[int, int]]:
        """The number of each word with its value."""
        return [(self.of(word), value) for word, value in held.items()]

    def zeros(self, words: Iterable[str]) -> list[tuple[int, int]]:
        """The number of each word with no value, those of a set in the order of the alphabet."""
        return [(self.of(w), 0) for w in (sorted(words) if isinstance(words, Set) else words)]

    def all(self) -> tuple[str, ...]:
        """The words, by number."""
        return tuple(self.number)


class Ragged(NamedTuple):
    """What each record holds: words (by number) and a value for each.

    Those of record ``n`` are from ``first[n]`` to ``first[n + 1]``.
    """

    first: Ints
    word: Codes
    value: Ints

    @classmethod
    def of(cls, held: Iterable[Iterable[tuple[int, int]]]) -> Ragged:
        """From the (word, value) pairs of each record."""
        lists = [list(one) for one in held]
        first = np.cumsum([0, *map(len, lists)])
        flat = np.array([pair for one in lists for pair in one], dtype=np.int64).reshape(-1, 2)
        return cls(first.astype(np.int64), flat[:, 0].astype(np.int32), flat[:, 1].copy())

    def pairs(self, record: int) -> Iterator[tuple[int, int]]:
        """The (word, value) pairs of a record."""
        some = slice(int(self.first[record]), int(self.first[record + 1]))
        return zip(self.word[some].tolist(), self.value[some].tolist(), strict=True)


class Needs(NamedTuple):
    """What owners ask: ``NONE`` as the level of a credential, ``NONE`` as no kind."""

    first: Ints
    word: Codes
    level: Codes
    kind: Codes

    @classmethod
    def of(cls, owned: Iterable[Sequence[Prerequisite]], names: Names) -> Needs:
        """From the requirements, or prerequisites, of each owner."""
        lists = [list(one) for one in owned]
        rows = [
            (
                names.of(need.skill if need.skill is not None else need.credential),
                NONE if need.level is None else need.level,
                KINDS.index(need.kind) if isinstance(need, Requirement) else NONE,
            )
            for one in lists
            for need in one
        ]
        first = np.cumsum([0, *map(len, lists)]).astype(np.int64)
        return cls(first, *(c.copy() for c in np.array(rows, dtype=np.int32).reshape(-1, 3).T))

    def rows(self, owner: int, names: Sequence[str]) -> Iterator[tuple[Prerequisite, int]]:
        """The prerequisites of an owner, each with its kind."""
        some = slice(int(self.first[owner]), int(self.first[owner + 1]))
        columns = (self.word[some], self.level[some], self.kind[some])
        for word, level, kind in zip(*(column.tolist() for column in columns), strict=True):
            name = names[word]
            if level == NONE:
                yield Prerequisite(credential=name), kind
            else:
                yield Prerequisite(skill=name, level=level), kind
