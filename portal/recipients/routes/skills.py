"""« Ce que je sais faire »: five cards at a time, and changing what was said."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.models import Person
from portal.recipients import skills as queries
from portal.recipients.blueprint import blueprint
from portal.recipients.frame import visitor_seen
from portal.recipients.gestures import Gesture
from portal.web.guards import person_door
from portal.web.rendering import announce, page_or_fragment, wants_fragment
from portal.web.session import db_session

SAID_A_PAGE = 20


@blueprint.get("/savoir-faire")
@person_door
def skills() -> ResponseReturnValue:
    """The next card, or the pause after five."""
    return _series(visitor_seen().person, _number("faites"))


@blueprint.post("/savoir-faire")
@person_door
def answer_skill() -> ResponseReturnValue:
    """Keep one answer, and go on to the next card."""
    visitor, done = visitor_seen(), _number("faites")
    gesture = _gesture(request.form.get("code", ""))
    answer = queries.answer_named(request.form.get("reponse"))
    if answer is None:
        return _card_again(gesture, done)
    queries.record_answer(db_session(), visitor, gesture=gesture, answer=answer)
    here = url_for("recipients.skills", faites=done + 1)
    if not wants_fragment():
        return redirect(here, 303)
    response = _series(visitor.person, done + 1)
    # A reload shows the same place; « Retour » of the browser leaves the series.
    response.headers["HX-Replace-Url"] = here
    return announce(response, _("C’est noté."))


@blueprint.get("/savoir-faire/dit")
@person_door
def said() -> ResponseReturnValue:
    """« Ce que j’ai dit »: each answer, and a way to change it."""
    found = queries.list_said(db_session(), visitor_seen().person)
    first = _number("apres")
    return render_template(
        "recipients/skills_said.html",
        rows=found[first : first + SAID_A_PAGE],
        before=max(0, first - SAID_A_PAGE) if first else None,
        after=first + SAID_A_PAGE if first + SAID_A_PAGE < len(found) else None,
    )


@blueprint.get("/savoir-faire/dit/<code>")
@person_door
def said_again(code: str) -> ResponseReturnValue:
    """One card again, with what was said."""
    return _change(visitor_seen().person, code)


@blueprint.post("/savoir-faire/dit/<code>")
@person_door
def change_said(code: str) -> ResponseReturnValue:
    """Keep another answer beside the first one."""
    visitor, gesture = visitor_seen(), _gesture(code)
    answer = queries.answer_named(request.form.get("reponse"))
    if answer is None:
        return _change(visitor.person, code, status=422)
    queries.record_answer(db_session(), visitor, gesture=gesture, answer=answer)
    return redirect(url_for("recipients.said"), 303)


def _series(person: Person, done: int) -> Response:
    gesture = queries.next_gesture(db_session(), person)
    if done >= queries.SERIES or gesture is None:
        return _card(None, done, more=gesture is not None)
    return _card(gesture, done)


def _card_again(gesture: Gesture, done: int) -> Response:
    return _card(gesture, done, status=422, missing=True)


def _card(gesture: Gesture | None, done: int, *, status: int = 200, **told: Any) -> Response:
    context = {"more": False, "missing": False} | told
    return page_or_fragment(
        "recipients/skills.html",
        "recipients/_skills_card.html",
        status=status,
        gesture=gesture,
        done=done,
        series=queries.SERIES,
        answers=queries.ANSWERS,
        **context,
    )


def _change(person: Person, code: str, *, status: int = 200) -> ResponseReturnValue:
    gesture = _gesture(code)
    already = queries.get_said(db_session(), person, code) or abort(404)
    page = render_template(
        "recipients/skills_change.html",
        gesture=gesture,
        said=already,
        answers=queries.ANSWERS,
        missing=status == 422,
    )
    return page, status


def _gesture(code: str) -> Gesture:
    return queries.get_gesture(db_session(), code) or abort(404)


def _number(name: str) -> int:
    """A small count of the address or the form; what is not one counts for zero."""
    text = request.values.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0
