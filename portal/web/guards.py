"""Every endpoint says who may call it; one that does not say is refused at start-up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from portal.access.actor import Actor
from portal.access.roles import Capability

View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "ecluse_needs"
PUBLIC = "public"
SIGNED_IN = "signed_in"


def public(view: View) -> View:
    """Anybody may call this view."""
    setattr(view, _ATTRIBUTE, PUBLIC)
    return view


def signed_in(view: View) -> View:
    """Any signed-in professional may call this view."""
    setattr(view, _ATTRIBUTE, SIGNED_IN)
    return view


def requires(capability: Capability) -> Callable[[View], View]:
    """Only a role with the capability may call this view."""

    def mark(view: View) -> View:
        setattr(view, _ATTRIBUTE, capability)
        return view

    return mark


def need_of(app: Flask, endpoint: str) -> Capability | str | None:
    """What an endpoint needs: a capability, « public », « signed_in », or None if unsaid."""
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


def enforce(app: Flask) -> Callable[[], ResponseReturnValue | None]:
    """The before-request hook that applies what endpoints say."""

    def check() -> ResponseReturnValue | None:
        if request.endpoint is None:
            return None
        need = need_of(app, request.endpoint)
        if need == PUBLIC:
            return None
        if not current_user.is_authenticated:
            return _to_sign_in()
        if need != SIGNED_IN and not current_actor().can(str(need)):
            abort(403)
        return None

    return check


def _to_sign_in() -> ResponseReturnValue:
    """Send a page to the sign-in form and back; tell a fragment to load the whole page."""
    target = url_for("accounts.sign_in", suite=_return_path())
    if request.headers.get("HX-Request"):
        return "", 401, {"HX-Redirect": target}
    return redirect(target)


def _return_path() -> str | None:
    if request.method != "GET":
        return None
    return request.full_path.rstrip("?")
