"""The database session of a request: read-only on GET, committed on success alone."""

from __future__ import annotations

from typing import cast

from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from portal.access.log import write_pending
from portal.db import Database

_READ_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def database() -> Database:
    """The application's database."""
    return cast(Database, current_app.extensions["ecluse_database"])


def db_session() -> Session:
    """The request's session, opened at first use."""
    if "db_session" not in g:
        g.db_session = database().session(read_only=request.method in _READ_METHODS)
    return cast(Session, g.db_session)


def init_app(app: Flask, db: Database) -> None:
    """Attach the database and the commit rule."""
    app.extensions["ecluse_database"] = db
    app.after_request(_settle)
    app.teardown_appcontext(_close)


def _settle(response: Response) -> Response:
    """Commit on 2xx and 3xx, roll back otherwise, then write what was gathered to be logged."""
    session = g.get("db_session")
    if session is not None:
        if response.status_code < 400:
            session.commit()
        else:
            session.rollback()
        run_after_commit(succeeded=response.status_code < 400)
    write_pending(database())
    return response


def after_commit(action: object) -> None:
    """Run a callable once the request's transaction is committed, never if it is rolled back."""
    g.setdefault("after_commit", []).append(action)


def run_after_commit(*, succeeded: bool) -> None:
    """Run the waiting side effects, or forget them."""
    actions = g.pop("after_commit", [])
    if succeeded:
        for action in actions:
            action()


def _close(_error: BaseException | None) -> None:
    session = g.pop("db_session", None)
    if session is not None:
        session.close()
