"""Where valid rows wait between the phases: a private database on disk that dies with its process.

SQLite gives a nameless file to a connection without a path: it is gone when the connection
closes, even after a kill, so no personal data can be left behind.
"""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Iterable, Iterator, Sequence

from portal.imports.base import BATCH, Item, Rejection, Verdict

_SCHEMA = """
CREATE TABLE item (
  id INTEGER PRIMARY KEY, part TEXT NOT NULL, key TEXT NOT NULL, line INTEGER,
  verdict TEXT, payload BLOB, UNIQUE (part, key)
);
CREATE TABLE rejection (id INTEGER PRIMARY KEY, line INTEGER, field TEXT, reason TEXT NOT NULL);
"""
_MOST_LOOKED_UP = 500


class Stage:
    """Staged items and rejections. Use as a context manager."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)
        self._db.execute("PRAGMA journal_mode=off")
        self._db.execute("PRAGMA cache_size=-8000")
        self._db.executescript(_SCHEMA)

    def __enter__(self) -> Stage:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def add(self, item: Item) -> int | None:
        """Keep an item; when its key is already there, the line of the first one (0: unknown)."""
        cursor = self._db.execute(
            "INSERT OR IGNORE INTO item (part, key, line, payload) VALUES (?, ?, ?, ?)",
            (item.part, item.key, item.line, pickle.dumps(item.value, pickle.HIGHEST_PROTOCOL)),
        )
        if cursor.rowcount:
            return None
        row = self._db.execute(
            "SELECT line FROM item WHERE part = ? AND key = ?", (item.part, item.key)
        ).fetchone()
        return int(row[0] or 0)

    def reject(self, rejection: Rejection) -> None:
        """Keep a rejection for the report."""
        self._db.execute(
            "INSERT INTO rejection (line, field, reason) VALUES (?, ?, ?)",
            (rejection.line, rejection.field, rejection.reason),
        )

    def drop(self, part: str, key: str) -> None:
        """Forget an item that the comparison rejected."""
        self._db.execute("DELETE FROM item WHERE part = ? AND key = ?", (part, key))

    def judge(self, verdicts: Iterable[tuple[Item, Verdict]]) -> None:
        """Keep what the comparison said; an unchanged item keeps its key, not its content."""
        self._db.executemany(
            "UPDATE item SET verdict = ?1, payload = CASE ?1 WHEN 'unchanged' THEN NULL "
            "ELSE payload END WHERE part = ?2 AND key = ?3",
            ((verdict.value, item.part, item.key) for item, verdict in verdicts),
        )

    def batches(self, part: str, *, to_write: bool = False) -> Iterator[list[Item]]:
        """The items of a part, in the order of the file; or only those to write."""
        where = "verdict IN ('created', 'changed')" if to_write else "payload IS NOT NULL"
        last = 0
        while rows := self._db.execute(
            f"SELECT id, key, line, payload FROM item WHERE part = ? AND id > ? AND {where} "  # noqa: S608 -- one of two constants
            "ORDER BY id LIMIT ?",
            (part, last, BATCH),
        ).fetchall():
            last = rows[-1][0]
            # Our own bytes, written above, never the file's.
            yield [Item(key, pickle.loads(data), line, part) for _, key, line, data in rows]  # noqa: S301

    def rejections(self) -> Iterator[list[Rejection]]:
        """The rejections, in batches, by line."""
        cursor = self._db.execute("SELECT line, field, reason FROM rejection ORDER BY line, id")
        while rows := cursor.fetchmany(BATCH):
            yield [Rejection(*row) for row in rows]

    def known(self, part: str, keys: Sequence[str]) -> set[str]:
        """Which of these keys the file has (unchanged ones included)."""
        found: set[str] = set()
        for start in range(0, len(keys), _MOST_LOOKED_UP):
            some = keys[start : start + _MOST_LOOKED_UP]
            marks = ",".join("?" * len(some))
            query = f"SELECT key FROM item WHERE part = ? AND key IN ({marks})"  # noqa: S608 -- marks only
            found.update(row[0] for row in self._db.execute(query, (part, *some)))
        return found

    def count(self, part: str | None = None, *, to_write: bool = False) -> int:
        """How many items are staged, or are to be written."""
        where = "verdict IN ('created', 'changed')" if to_write else "1"
        query = f"SELECT count(*) FROM item WHERE {where}"  # noqa: S608 -- one of two constants
        if part is None:
            return int(self._db.execute(query).fetchone()[0])
        return int(self._db.execute(f"{query} AND part = ?", (part,)).fetchone()[0])
