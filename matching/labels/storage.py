"""A built index on disk: one file of numbers, one of words, checked when they are read.

``arrays.bin`` holds the arrays one after the other, and is mapped into memory: the processes
of a machine share it. ``index.json`` holds the words, where each array starts, the version of
the format and the digest of both. No pickle: reading a folder runs nothing that is in it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

FORMAT = 2
_ARRAYS, _WORDS = "arrays.bin", "index.json"
_ALIGNED = 64
_TYPES = frozenset({"<f4", "<f8", "<i4", "<i8", "<u8", "|b1"})

Part = np.ndarray | list[str]
Parts = dict[str, Part]


class StoredIndexError(ValueError):
    """A folder that holds no index, or not the one that was written."""


def under(prefix: str, parts: Mapping[str, Part]) -> Parts:
    """The parts of a component, each named after it."""
    return {f"{prefix}.{name}": part for name, part in parts.items()}


def inside(prefix: str, parts: Mapping[str, Part]) -> Parts:
    """The parts that :func:`under` named after a component, under their own names."""
    start = f"{prefix}."
    return {name[len(start) :]: part for name, part in parts.items() if name.startswith(start)}


def array(parts: Mapping[str, Part], name: str) -> np.ndarray:
    """An array among the parts. Raises ``StoredIndexError`` when it is not there."""
    part = parts.get(name)
    if not isinstance(part, np.ndarray):
        raise StoredIndexError(f"no array {name!r}")
    return part


def words(parts: Mapping[str, Part], name: str) -> list[str]:
    """A list of words among the parts. Raises ``StoredIndexError`` when it is not there."""
    part = parts.get(name)
    if not isinstance(part, list):
        raise StoredIndexError(f"no words {name!r}")
    return part


def positions(names: Iterable[str]) -> dict[str, int]:
    """Each name with its place."""
    return {name: place for place, name in enumerate(names)}


def write(folder: Path, parts: Mapping[str, Part]) -> None:
    """Write the parts. The words come last: a write cut short leaves a digest that differs."""
    folder.mkdir(parents=True, exist_ok=True)
    content, places = bytearray(), {}
    for name, part in sorted(parts.items()):
        if isinstance(part, np.ndarray):
            content.extend(b"\0" * (-len(content) % _ALIGNED))
            places[name] = {
                "type": part.dtype.str,
                "shape": list(part.shape),
                "start": len(content),
            }
            content.extend(np.ascontiguousarray(part).tobytes())
    lists = {name: part for name, part in sorted(parts.items()) if isinstance(part, list)}
    body = {"arrays": places, "words": lists}
    text = json.dumps(body, ensure_ascii=True, separators=(",", ":"))
    head = {"format": FORMAT, "digest": _digest(np.frombuffer(content, dtype=np.uint8), text)}
    _replace(folder / _ARRAYS, bytes(content))
    _replace(folder / _WORDS, (json.dumps(head) + "\n" + text).encode())


def read(folder: Path, *, own: bool = False) -> Parts:
    """The parts that :func:`write` wrote; arrays are read-only views of the mapped file.

    ``own``: what is written in them stays in this process, and never reaches the file.

    Raises ``StoredIndexError`` when a file is missing, of another format, or damaged.
    """
    try:
        first, _, text = (folder / _WORDS).read_text("utf-8").partition("\n")
        head = json.loads(first)
        content = _mapped(folder / _ARRAYS, own)
        if head["format"] != FORMAT:
            raise StoredIndexError(f"{folder}: format {head['format']!r}, not {FORMAT}")
        if head["digest"] != _digest(content, text):
            raise StoredIndexError(f"{folder}: the digest differs")
        body = json.loads(text)
        found: Parts = {name: _view(content, place) for name, place in body["arrays"].items()}
        return found | dict(body["words"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, StoredIndexError):
            raise
        raise StoredIndexError(f"{folder}: {error}") from error


def _mapped(path: Path, own: bool) -> np.ndarray:
    if path.stat().st_size == 0:
        return np.zeros(0, dtype=np.uint8)
    return np.memmap(path, dtype=np.uint8, mode="c" if own else "r")


def _view(content: np.ndarray, place: Mapping[str, Any]) -> np.ndarray:
    if place["type"] not in _TYPES:
        raise StoredIndexError(f"type {place['type']!r}")
    count = int(np.prod(place["shape"], dtype=np.int64))
    flat = np.frombuffer(content, place["type"], count, place["start"]) if count else np.zeros(0)
    return flat.astype(place["type"], copy=False).reshape(place["shape"])


def _digest(content: np.ndarray, text: str) -> str:
    found = hashlib.blake2b(content.data, digest_size=32)
    found.update(text.encode())
    return found.hexdigest()


def _replace(path: Path, content: bytes) -> None:
    written = path.with_name(f"{path.name}.{os.getpid()}.new")
    written.write_bytes(content)
    written.replace(path)
