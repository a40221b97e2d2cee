"""The web server: gunicorn with threads, on loopback unless told otherwise."""

from __future__ import annotations

from typing import Any

from gunicorn.app.base import BaseApplication

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.jobs.worker import start_worker_process

THREADS = 4


class Server(BaseApplication):  # type: ignore[misc]
    """Serves the portal with these settings; each worker makes its own connections."""

    def __init__(self, settings: Settings, options: dict[str, Any]) -> None:
        self.settings = settings
        self.options = options
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its options."""
        for name, value in self.options.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Build the application, in the worker."""
        return create_app(self.settings, Database(self.settings.database_url))


def serve(settings: Settings, *, host: str, port: int, workers: int) -> None:
    """Serve until stopped, with the background worker beside."""
    worker = start_worker_process(settings)
    try:
        Server(
            settings,
            {
                "bind": f"{host}:{port}",
                "workers": workers,
                "threads": THREADS,
                "worker_class": "gthread",
                "accesslog": None,
                "loglevel": "warning",
                "control_socket_disable": True,
            },
        ).run()
    finally:
        worker.terminate()
        worker.wait()
