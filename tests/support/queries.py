"""Counting SQL statements: a page must not ask more when there are more rows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Engine, event


@dataclass
class Statements:
    """What was sent to the database."""

    texts: list[str] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many statements."""
        return len(self.texts)


@contextmanager
def count_queries(engine: Engine) -> Iterator[Statements]:
    """Gather the statements sent on an engine."""
    seen = Statements()

    def note(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.texts.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", note)
