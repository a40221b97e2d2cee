"""The web server: gunicorn with threads, on loopback unless told otherwise."""

from __future__ import annotations

import gc
from typing import Any

from gunicorn.app.base import BaseApplication

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.jobs.worker import start_worker_process

THREADS = 4
#: More objects made than freed since the last search for garbage (Python's own choice: 700).
OBJECTS_BEFORE_A_SEARCH = 20_000


#: Longer than a reverse proxy keeps a connection: it is the one to close it.
KEEP_ALIVE_SECONDS = 75


class Server(BaseApplication):  # type: ignore[misc]
    """Serves the portal with these settings; each worker makes its own connections."""

    def __init__(self, settings: Settings, *, bind: str, workers: int) -> None:
        self.settings = settings
        self.options: dict[str, Any] = {
            "bind": bind,
            "workers": workers,
            "threads": THREADS,
            "worker_class": "gthread",
            "keepalive": KEEP_ALIVE_SECONDS,
            "accesslog": None,
            "loglevel": "warning",
            "control_socket_disable": True,
            "post_worker_init": put_aside_what_lasts,
        }
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application, in the worker."""
        return create_app(self.settings, Database(self.settings.database_url))


def put_aside_what_lasts(_worker: object) -> None:
    """Modules, tables and templates live as long as the worker: no page walks through them.

    The search for garbage stops every thread of the process, and most of what it walked through
    was the application itself. A page makes tens of thousands of objects, nearly all freed as it
    ends: it is searched once or twice, not a hundred times.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(OBJECTS_BEFORE_A_SEARCH, 10, 10)


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until stopped, with the background worker beside."""
    worker = start_worker_process(settings)
    try:
        Server(settings, bind=f"{host}:{port}", workers=workers).run()
    finally:
        worker.terminate()
        worker.wait()
