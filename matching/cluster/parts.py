"""The answers of a shard as a Parquet file: one row per owner, columns typed, days as days.

``number`` is the place of the owner in the whole world; the other columns are what ``answers``
gives, nothing rounded, so reading all the parts by ``number`` gives the answers of one machine.
"""

from __future__ import annotations

import heapq
import os
from collections.abc import Iterable, Iterator, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from matching.everyone import OfferLists, PersonLists, PersonPathways, Values, Work
from matching.files import FileError

_ROWS_AT_ONCE = 256
_DAMAGED = "tranche abîmée\u00a0: supprimez ce fichier et relancez la même commande"
TEXT, DAY, COUNT, MINUTES = pa.string(), pa.date32(), pa.int32(), pa.float64()


def _structs(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct(fields))


_PAIR = {
    "person": TEXT,
    "offer": TEXT,
    "group": TEXT,
    "ready_by": DAY,
    "unknown": COUNT,
    "doubt": COUNT,
    "gap": COUNT,
    "desired_met": COUNT,
    "minutes": MINUTES,
    "interest": TEXT,
}
_BEYOND = {"out_of_reach": COUNT, "with_car": COUNT}
_NEED = {"skill": TEXT, "level": COUNT, "credential": TEXT}
_STEPS = _structs(
    kind=TEXT,
    start=DAY,
    end=DAY,
    session=TEXT,
    offer=TEXT,
    commune=TEXT,
    minutes=MINUTES,
    asks=_structs(**_NEED, outcome=TEXT, observed=pa.bool_()),
    covers=_structs(**_NEED),
    delivers=pa.list_(TEXT),
)
_SCENARIOS = _structs(
    names=pa.list_(TEXT), hire=DAY, certifications=pa.list_(TEXT), unknowns=COUNT, steps=_STEPS
)
_BLOCKERS = _structs(
    need=pa.struct(_NEED),
    reason=TEXT,
    nearest=_structs(session=TEXT, start=DAY, end=DAY, reason=TEXT, minutes=MINUTES),
    nearest_date=DAY,
)
_TOWARDS = _structs(
    offer=TEXT,
    occupation=TEXT,
    scenarios=_SCENARIOS,
    unmet=pa.struct({"latest": DAY, "blockers": _BLOCKERS}),
)
_NUMBER = {"number": pa.int64()}
SCHEMAS: dict[type[Work], pa.Schema] = {
    PersonLists: pa.schema({**_NUMBER, "person": TEXT, "offers": _structs(**_PAIR), **_BEYOND}),
    OfferLists: pa.schema({**_NUMBER, "offer": TEXT, "people": _structs(**_PAIR), **_BEYOND}),
    PersonPathways: pa.schema({**_NUMBER, "person": TEXT, "pathways": _TOWARDS}),
}


def encode(work: Work, owners: Sequence[int], answers: Iterable[Values]) -> bytes:
    """The file of some answers, each with the number of its owner, in the order given."""
    rows = [{"number": n, **values} for n, values in zip(owners, answers, strict=True)]
    table = pa.Table.from_pylist(rows, schema=SCHEMAS[type(work)])
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def write(path: Path, data: bytes) -> None:
    """Put a part in its place, whole or not at all."""
    # A run killed here may have left a draft of this name: in a container the number is often the
    # same.
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def rows(paths: Iterable[Path]) -> Iterator[Values]:
    """The answers of some parts, in the order of the whole world, without ``number``.

    ``FileError`` when one of them is damaged.
    """
    for row in heapq.merge(*map(_rows, paths), key=itemgetter("number")):
        del row["number"]
        yield row


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    try:
        with pq.ParquetFile(path) as part:
            for batch in part.iter_batches(batch_size=_ROWS_AT_ONCE):
                yield from batch.to_pylist()
    except pa.ArrowInvalid as error:
        raise FileError(path, None, _DAMAGED) from error
