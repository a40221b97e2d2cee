"""A failure of ours at the person's door: simple words, and somebody to call."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property

from flask import Response, request
from flask_babel import force_locale

from portal.recipients.frame import Call, Frame
from portal.web.errors import failure_page
from portal.web.language import COOKIE, DEFAULT, choose_language, is_language
from portal.web.session import db_session
from portal.web.settings import current_settings


class FailedFrame(Frame):
    """What surrounds the page when the database may be what failed: nothing of it may fail."""

    @cached_property
    def visitor(self) -> None:
        """Nobody: who reads may not be known any more."""

    @cached_property
    def call(self) -> Call | None:
        """Who follows the person, if that can still be read."""
        with suppress(Exception):
            db_session().rollback()
            return Frame().call
        return None

    @cached_property
    def language(self) -> str:
        """The language of the visit, if that can still be read; else that of the browser."""
        with suppress(Exception):
            db_session().rollback()
            return choose_language()
        kept = request.cookies.get(COOKIE)
        return kept if kept is not None and is_language(kept) else DEFAULT


def show_failure(_error: Exception) -> Response:
    """The page of an error 500."""
    frame = FailedFrame()
    with force_locale(frame.language):
        return failure_page("recipients/failure.html", frame=frame, is_demo=current_settings().demo)
