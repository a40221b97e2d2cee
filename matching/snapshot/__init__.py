"""An index on disk, mapped into memory: every process of a machine reads the same pages.

Writing and reading an index changes none of its answers. Arrays stay in the file; records of
people and offers are made when they are asked for (``records``).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from matching.book import Ground, OfferBook
from matching.bulk.layout import Layout
from matching.bulk.reach import Territory
from matching.bulk.stage import Stage
from matching.bulk.vectors import Columns
from matching.index import Index
from matching.labels import storage
from matching.labels.storage import StoredIndexError
from matching.offers import OfferTable
from matching.people import PeopleTable
from matching.sessions import SessionTable
from matching.snapshot.packing import pack, shape, unpack
from matching.snapshot.records import CommuneColumns, TaxonomyColumns

About = Mapping[str, Any]

__all__ = ["About", "StoredIndexError", "read_index", "write_index"]


def write_index(folder: Path, index: Index, about: About) -> None:
    """Write an index, and what its owner says ``about`` it (JSON), in a folder made for it."""
    stage = index.stage
    parts: dict[str, storage.Parts] = {
        "people": pack(index.people),
        "offers": pack(index.offers),
        "sessions": pack(index.sessions),
        "communes": pack(CommuneColumns.of(index.communes)),
        "taxonomy": pack(TaxonomyColumns.of(index.taxonomy)),
        "layout": pack(stage.layout),
        "columns": pack(stage.columns),
        "territory": pack(stage.territory),
        "about": {"said": [json.dumps({**about, "day": index.today.isoformat()})]},
        "shape": {"digest": [shape()]},
    }
    named: storage.Parts = {}
    for name, part in parts.items():
        named |= storage.under(name, part)
    storage.write(folder, named)


def read_index(folder: Path) -> tuple[Index, About]:
    """The index of a folder, and what was said about it.

    Raises ``StoredIndexError`` when it is missing, damaged, or was written by another version.
    """
    # Nobody writes in them; but read-only arrays are another type, compiled loops another compile.
    parts = storage.read(folder, own=True)
    if storage.words(parts, "shape.digest") != [shape()]:
        raise StoredIndexError(f"{folder}: written by another version")
    try:
        about = json.loads(storage.words(parts, "about.said")[0])
        return _index(parts, date.fromisoformat(about.pop("day"))), about
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise StoredIndexError(f"{folder}: {error}") from error


def _index(parts: storage.Parts, today: date) -> Index:
    def part(name: str) -> storage.Parts:
        return storage.inside(name, parts)

    sessions = unpack(SessionTable, part("sessions"))
    communes = unpack(CommuneColumns, part("communes")).records()
    taxonomy = unpack(TaxonomyColumns, part("taxonomy")).records()
    offers = unpack(OfferTable, part("offers"))
    stage = Stage(offers, sessions, today)
    stage.layout = unpack(Layout, part("layout"))
    stage.columns = unpack(Columns, part("columns"))
    stage.territory = unpack(Territory, part("territory"))
    book = OfferBook(Ground(sessions, communes, taxonomy, today), offers, stage)
    return Index(today, unpack(PeopleTable, part("people")), book, sessions, communes, taxonomy)
