"""The portal as ``benchmarks/serve.py`` drives it: the real server, with its SQL counted.

Headers are added to each answer: statements and their milliseconds, milliseconds spent in bringing
the matchmaking world up to date, those of processor taken in the worker (which depend little on
what else the machine does), and the process that answered. Everything is counted: recognising the
browser, the page, and the access log.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterable
from typing import Any

from flask import Flask
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.matchmaking.world import World, WorldCache
from portal.server import Server

_spent = threading.local()


class CountedServer(Server):
    """The portal's server; each worker counts what its requests ask of the database."""

    def load(self) -> Any:
        """Build the application, in the worker."""
        database = Database(self.settings.database_url)
        _count(database.engine)
        return _Counted(create_app(self.settings, database))


def run(settings: Settings, port: int, workers: int) -> None:
    """Serve until stopped, with the same options as ``ecluse serve``."""
    _time_the_world()
    CountedServer(settings, bind=f"127.0.0.1:{port}", workers=workers).run()


class _Counted:
    """The application, which tells what each answer took until its first byte."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def __call__(self, environ: Any, start_response: Any) -> Iterable[bytes]:
        _spent.statements, _spent.seconds, _spent.world = 0, 0.0, 0.0
        began = time.thread_time()

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            cpu = 1000 * (time.thread_time() - began)
            return start_response(status, [*headers, *_told(cpu)], *more)

        return self.app(environ, start)


def _told(cpu: float) -> list[tuple[str, str]]:
    return [
        ("X-Sql", str(_spent.statements)),
        ("X-Sql-Ms", f"{1000 * _spent.seconds:.2f}"),
        ("X-World-Ms", f"{1000 * _spent.world:.2f}"),
        ("X-Cpu-Ms", f"{cpu:.2f}"),
        ("X-Pid", str(os.getpid())),
    ]


def _count(engine: Engine) -> None:
    def before(*_arguments: Any) -> None:
        _spent.began = time.perf_counter()

    def after(*_arguments: Any) -> None:
        _spent.statements = getattr(_spent, "statements", 0) + 1
        took = time.perf_counter() - _spent.began
        _spent.seconds = getattr(_spent, "seconds", 0.0) + took

    event.listen(engine, "before_cursor_execute", before)
    event.listen(engine, "after_cursor_execute", after)


def _time_the_world() -> None:
    real = WorldCache.world

    def timed(self: WorldCache, session: Session) -> World:
        began = time.perf_counter()
        try:
            return real(self, session)
        finally:
            _spent.world = getattr(_spent, "world", 0.0) + time.perf_counter() - began

    WorldCache.world = timed  # type: ignore[method-assign]
