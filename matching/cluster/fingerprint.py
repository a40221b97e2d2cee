"""What a run is made of, as a short name: the same records and the same question, the same name.

A part on disk that bears the name of a run is one of its answers, whoever made it and when.
"""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Iterable, Mapping
from dataclasses import fields
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

import matching
from matching.bulk.jit import COMPILED
from matching.everyone import Work
from matching.shards import Ground, Records

_LENGTH = 16


@lru_cache(maxsize=1)
def engine() -> str:
    """The code of the engine and what its arithmetic rests on: two machines must agree on it."""
    digest = hashlib.sha256()
    root = Path(matching.__file__).parent
    for path in sorted(root.rglob("*.py")):
        digest.update(f"{path.relative_to(root).as_posix()}\n".encode())
        digest.update(path.read_bytes())
    python = ".".join(platform.python_version_tuple()[:2])
    loops = f"numba {version('numba')}" if COMPILED else "sans numba"
    return f"{digest.hexdigest()[:12]} (Python {python}, NumPy {np.__version__}, {loops})"


def of_run(records: Records, work: Work, most: int) -> str:
    """The name of some work on these records cut in shards of ``most``, by this engine.

    Letters, digits and a hyphen. The order of the records counts: rows are numbered by it.
    """
    digest = hashlib.sha256(f"{engine()}\n{work!r}\n{most}\n".encode())
    digest.update(_of_ground(records.ground))
    for rows in records[:3]:
        for row in rows:
            digest.update(repr(_plain(row)).encode())
        digest.update(b"\n")
    return f"{type(work).__name__.lower()}-{digest.hexdigest()[:_LENGTH]}"


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
