"""Every endpoint says who may call it; one that does not say is refused at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.models import LinkPurpose
from portal.web.doorstep import EmployerVisitor, PersonVisitor, employer_visitor, person_visitor
from portal.web.rendering import wants_fragment
from portal.web.unsaved import page_of_form, words_typed

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "ecluse_needs"
PUBLIC = "public"
SIGNED_IN = "signed_in"
PERSON_DOOR = "person_door"
EMPLOYER_DOOR = "employer_door"
_PURPOSE = "ecluse_purpose"


def public(view: View) -> View:
    """Anybody may call this view."""
    setattr(view, _ATTRIBUTE, PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Any signed-in professional may call this view."""
    setattr(view, _ATTRIBUTE, SIGNED_IN)
    return view


def person_door(view: View) -> View:
    """Only the person whose space it is, alone or with a professional beside them."""
    setattr(view, _ATTRIBUTE, PERSON_DOOR)
    return view


def employer_door(purpose: LinkPurpose = LinkPurpose.EMPLOYER_SPACE) -> Callable[[View], View]:
    """Only an employer whose visit serves this purpose."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, EMPLOYER_DOOR)
        setattr(view, _PURPOSE, purpose)
        return view

    return mark


def requires(capability: Capability) -> Callable[[View], View]:
    """Only a role with the capability may call this view."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, capability)
        return view

    return mark


def need_of(app: Flask, endpoint: str) -> Capability | str | None:
    """What an endpoint needs: a capability, one of the words above, or None if unsaid."""
    if endpoint == "static":
        return PUBLIC
    need: Capability | str | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return need


def check_every_endpoint(app: Flask) -> None:
    """Refuse to start with an endpoint that does not say who may call it."""
    unsaid = [name for name in app.view_functions if need_of(app, name) is None]
    if unsaid:
        raise RuntimeError(f"endpoints that do not say who may call them: {sorted(unsaid)}")


def current_actor() -> Actor:
    """The signed-in actor; a view marked with a capability always has one."""
    if not current_user.is_authenticated:
        abort(401)
    actor: Actor = current_user.actor
    return actor


def current_person() -> PersonVisitor:
    """The person in their space; a view marked ``person_door`` always has one."""
    return person_visitor() or abort(401)


def current_employer() -> EmployerVisitor:
    """The employer in their space; a view marked ``employer_door`` always has one."""
    return employer_visitor() or abort(401)


def enforce(app: Flask) -> Callable[[], ResponseReturnValue | None]:
    """The before-request hook that applies what endpoints say."""

    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        need = need_of(app, request.endpoint)
        if need == PUBLIC:
            return None
        if need == PERSON_DOOR:
            return None if person_visitor() else _to("doorstep.enter_person")
        if need == EMPLOYER_DOOR:
            return _check_employer(app.view_functions[request.endpoint])
        if not current_user.is_authenticated:
            return _sign_in()
        if need != SIGNED_IN and not current_actor().can(str(need)):
            abort(403)
        return None

    return check


def _check_employer(view: Callable[..., Any]) -> ResponseReturnValue | None:
    """Let in an employer whose visit serves the purpose of the view; the others find the door."""
    visitor = employer_visitor()
    if visitor is None:
        if current_user.is_authenticated:
            abort(403)
        if request.method == "POST" and not wants_fragment():
            return _give_back(url_for("doorstep.enter_employer"))
        return _to("doorstep.enter_employer")
    if not visitor.may(getattr(view, _PURPOSE)):
        abort(403)
    return None


def _sign_in() -> ResponseReturnValue:
    """Send to the sign-in form, and from there back to the page."""
    if request.method == "GET":
        return _to("accounts.sign_in", suite=request.full_path.rstrip("?"))
    if wants_fragment():
        return "", 401  # the page says so and stays: what is typed in it can still be copied
    return _give_back(url_for("accounts.sign_in", suite=page_of_form()))


def _give_back(target: str) -> ResponseReturnValue:
    """Send to a door; first, show what was typed in the form sent too late."""
    words = words_typed()
    if not words:
        return redirect(target)
    return render_template("errors/signed_out.html", words=words, target=target), 401


def _to(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Send a page to a door or to the sign-in form; tell a fragment to load the whole page."""
    target = url_for(endpoint, **values)
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": target}
    return redirect(target)
