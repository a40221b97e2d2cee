"""What a shard is made of, as a short name: the same records and the same question, the same name.

A part on disk that bears the name of a shard is its answer, whoever made it and when.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

import matching
from matching.everyone import PersonPathways, Work
from matching.shards import Ground, Records, Shard

_LENGTH = 32


@lru_cache(maxsize=1)
def engine() -> str:
    """The code of the engine and what its arithmetic rests on: two machines must agree on it."""
    digest = hashlib.sha256()
    root = Path(matching.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    python = ".".join(platform.python_version_tuple()[:2])
    return f"{digest.hexdigest()[:12]} (Python {python}, NumPy {np.__version__})"


class Fingerprints:
    """The names of the shards of a world for some work; each record is read once."""

    def __init__(self, records: Records, work: Work) -> None:
        self._known: dict[tuple[str, str], bytes] = {}
        common = hashlib.sha256(f"{engine()}\n{work!r}\n".encode())
        common.update(_of_ground(records.ground))
        if isinstance(work, PersonPathways):
            common.update(b"".join(self._of("session", s) for s in records.sessions))
        self.common = common.digest()
        self.kind = type(work).__name__.lower()

    def name(self, shard: Shard) -> str:
        """The name of a shard: letters, digits and one hyphen."""
        digest = hashlib.sha256(self.common)
        digest.update(f"{shard.owners}\n{shard.beyond}\n".encode())
        for kind, rows in zip(("person", "offer", "session"), shard[1:4], strict=True):
            digest.update(kind.encode())
            for row in rows:
                digest.update(self._of(kind, row))
        return f"{self.kind}-{digest.hexdigest()[:_LENGTH]}"

    def _of(self, kind: str, record: Any) -> bytes:
        key = (kind, record.id)
        if key not in self._known:
            self._known[key] = hashlib.sha256(repr(_plain(record)).encode()).digest()
        return self._known[key]


def _of_ground(ground: Ground) -> bytes:
    taxonomy = ground.taxonomy
    parts: tuple[Iterable[Any], ...] = (
        sorted(ground.communes, key=lambda commune: commune.code),
        (skill for _, skill in sorted(taxonomy.skills.items())),
        (trade for _, trade in sorted(taxonomy.occupations.items())),
        [ground.today],
    )
    digest = hashlib.sha256()
    for rows in parts:
        for row in rows:
            digest.update(repr(row).encode())
        digest.update(b"\n")
    return digest.digest()


def _plain(record: Any) -> tuple[Any, ...]:
    """A record as a tuple that reads the same in every process."""
    return tuple(_sorted(getattr(record, field.name)) for field in fields(record))


def _sorted(value: Any) -> Any:
    if isinstance(value, Mapping):
        return sorted(value.items())
    return sorted(value) if isinstance(value, frozenset) else value
