"""Signing in and out, and choosing for whom one acts."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user, logout_user

from portal.accounts.forms import SignInForm
from portal.accounts.queries import authenticate
from portal.web.guards import current_actor, public, signed_in
from portal.web.session import db_session
from portal.web.signin import open_session, revoke_session, switch_membership

blueprint = Blueprint("accounts", __name__, url_prefix="/compte")


@blueprint.get("/connexion")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in form."""
    form = SignInForm(suite=request.args.get("suite", ""))
    return render_template("accounts/sign_in.html", form=form)


@blueprint.post("/connexion")
@public
def sign_in_post() -> ResponseReturnValue:
    """Check the password and open a session."""
    form = SignInForm()
    if form.validate():
        account = authenticate(
            db_session(), email=form.email.data or "", password=form.password.data or ""
        )
        if account and open_session(db_session(), account):
            return redirect(_safe_target(form.suite.data))
        form.password.errors = [_("L’adresse ou le mot de passe ne correspond pas.")]
    return render_template("accounts/sign_in.html", form=form), 422


@blueprint.post("/deconnexion")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    revoke_session(db_session(), current_user.token)
    logout_user()
    return redirect(url_for("accounts.sign_in"))


@blueprint.post("/structure/<public_id>")
@signed_in
def switch(public_id: str) -> ResponseReturnValue:
    """Act for another of one's structures."""
    chosen = next((m for m in current_actor().memberships if m.public_id == public_id), None)
    if chosen is None:
        abort(404)
    switch_membership(db_session(), current_user.token, chosen)
    return redirect("/")


def _safe_target(target: str | None) -> str:
    """A path of this site, never another host (no open redirect)."""
    if target and target.startswith("/") and not target.startswith(("//", "/\\")):
        return target
    return "/"
