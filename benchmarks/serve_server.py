"""The portal as ``benchmarks/serve.py`` drives it: the real server, with its SQL counted.

Headers are added to each answer: statements and their milliseconds, milliseconds spent in bringing
the matchmaking world up to date, those of processor taken by the page (which do not depend on what
else the machine does), and the process that answered. Recognising the browser and writing the
access log are before and after what is counted.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

from flask import Flask, Response
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.matchmaking.world import World, WorldCache
from portal.server import THREADS, Server

_spent = threading.local()


class CountedServer(Server):
    """The portal's server; each worker counts what its requests ask of the database."""

    def load(self) -> Flask:
        """Build the application, in the worker."""
        database = Database(self.settings.database_url)
        _count(database.engine)
        app = create_app(self.settings, database)
        app.before_request(_begin)
        app.after_request(_tell)
        return app


def run(settings: Settings, port: int, workers: int) -> None:
    """Serve until stopped, with the same options as ``ecluse serve``."""
    _time_the_world()
    options = {
        "bind": f"127.0.0.1:{port}",
        "workers": workers,
        "threads": THREADS,
        "worker_class": "gthread",
        "accesslog": None,
        "loglevel": "warning",
        "control_socket_disable": True,
    }
    CountedServer(settings, options).run()


def _begin() -> None:
    _spent.statements, _spent.seconds, _spent.world = 0, 0.0, 0.0
    _spent.cpu = time.thread_time()


def _tell(response: Response) -> Response:
    response.headers["X-Sql"] = str(_spent.statements)
    response.headers["X-Sql-Ms"] = f"{1000 * _spent.seconds:.2f}"
    response.headers["X-World-Ms"] = f"{1000 * _spent.world:.2f}"
    response.headers["X-Cpu-Ms"] = f"{1000 * (time.thread_time() - _spent.cpu):.2f}"
    response.headers["X-Pid"] = str(os.getpid())
    return response


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
