"""``python -m portal.jobs PARENT [demo]``: the worker that a server starts beside itself."""

from __future__ import annotations

import sys

from portal.config import load_settings
from portal.db import Database
from portal.jobs.worker import DEMO, run_worker, stop_on_signals, stop_with_parent


def main() -> None:
    """Work until stopped, or until the parent process is gone."""
    stop = stop_on_signals()
    stop_with_parent(int(sys.argv[1]), stop)
    settings = load_settings(demo=DEMO in sys.argv[2:])
    database = Database(settings.database_url)
    database.keep_index_in(settings.indexes)
    try:
        run_worker(database, settings, stop)
    finally:
        database.dispose()


if __name__ == "__main__":
    main()
