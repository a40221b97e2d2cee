"""Records as they travel: millions of small objects, so each costs one call to make again.

The dataclasses of ``records`` would be pickled by their state, field by field in Python; and the
collector of Python would walk through all of them again and again while they are made.
"""

from __future__ import annotations

import gc
import io
import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import fields
from operator import attrgetter
from typing import Any

from matching.records import (
    Commune,
    Occupation,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    Session,
    Skill,
)

_RECORDS = (Commune, Occupation, Offer, Person, Prerequisite, Requirement, Session, Skill)


def packed(value: Any) -> bytes:
    """A value made of records, as bytes for ``unpacked``."""
    stream = io.BytesIO()
    pickler = pickle.Pickler(stream, protocol=5)
    pickler.dispatch_table = {kind: _by_its_fields(kind) for kind in _RECORDS}
    with collector_at_rest():
        pickler.dump(value)
    return stream.getvalue()


def unpacked(data: bytes) -> Any:
    """What was ``packed``, by the run that this process serves."""
    with collector_at_rest():
        return pickle.loads(data)  # noqa: S301 (only from the run itself: see docs/scaling.md)


def _by_its_fields(kind: type) -> Callable[[Any], tuple[type, tuple[Any, ...]]]:
    values = attrgetter(*(field.name for field in fields(kind)))
    return lambda record: (kind, values(record))


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """No search for garbage while records are made: they are in no cycle."""
    working = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if working:
            gc.enable()
