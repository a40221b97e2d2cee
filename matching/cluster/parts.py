"""The answer of a shard as a Parquet file (see ``tables``), and all of them read together."""

from __future__ import annotations

import os
import tempfile
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from matching.cluster.tables import answers_in
from matching.everyone import Answer, line
from matching.files import FileError

_ROWS_AT_ONCE = 512
_DAMAGED = "tranche abîmée\u00a0: supprimez ce fichier et relancez la même commande"


def encoded(table: pa.Table) -> bytes:
    """The bytes of the file of a table."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd")
    written: bytes = sink.getvalue().to_pybytes()
    return written


def write(path: Path, data: bytes) -> None:
    """Put a part in its place, whole or not at all. Raises ``OSError``, which names the part."""
    # A run killed here may have left a draft of this name: in a container the number is often the
    # same.
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with draft.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(path)
    except OSError as error:
        error.filename = error.filename or str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


def is_whole(path: Path, rows: int) -> bool:
    """Whether there is a part there, of so many rows, whose end can be read."""
    try:
        found: int = pq.read_metadata(path).num_rows
    except FileNotFoundError:
        return False
    except (pa.ArrowInvalid, OSError) as error:
        if isinstance(error, OSError) and error.errno:
            raise
        return False
    return found == rows


def answers(paths: Iterable[Path]) -> Iterator[tuple[int, Answer]]:
    """The answers, each with its number in the whole world, one part after the other.

    One file is open at a time. ``FileError`` when one of them is damaged.
    """
    for path in paths:
        try:
            with pq.ParquetFile(path) as part:
                for batch in part.iter_batches(batch_size=_ROWS_AT_ONCE):
                    yield from answers_in(batch)
        except (pa.ArrowInvalid, OSError) as error:
            # What the reader cannot make sense of has no number; a file that cannot be opened has.
            if isinstance(error, OSError) and error.errno:
                raise
            raise FileError(path, None, _DAMAGED) from error


def lines(paths: Iterable[Path], folder: Path) -> Iterator[str]:
    """The lines that one machine writes, in its order, which is that of no part.

    They are set aside in a file without a name, in this folder, as the parts are read, then read
    back by number: neither the memory nor the files open grow with the parts. Raises ``FileError``
    and ``OSError``.
    """
    numbers, starts = array("q"), array("q", [0])
    with tempfile.TemporaryFile(dir=folder) as aside:
        for number, answer in answers(paths):
            numbers.append(number)
            starts.append(starts[-1] + aside.write(line(answer).encode()))
        aside.flush()
        for at in np.argsort(np.array(numbers)).tolist():
            yield os.pread(aside.fileno(), starts[at + 1] - starts[at], starts[at]).decode()
