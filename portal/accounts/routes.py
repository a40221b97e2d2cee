"""Signing in and out, choosing for whom one acts, and one's own account."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from flask import (
    Blueprint,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user, logout_user

from portal import clock
from portal.accounts import changes, links, totp
from portal.accounts.forms import ChangePasswordForm, NewPasswordForm, SignInForm
from portal.accounts.passkeys import Site, list_passkeys
from portal.accounts.passwords import password_matches
from portal.accounts.queries import authenticate, count_sessions, list_events
from portal.accounts.second_step import hold_for_code
from portal.accounts.signing import attempts, begin_attempt, safe_target, wait_message
from portal.accounts.throttle import TooManyAttemptsError
from portal.errors import InputError
from portal.models import Account
from portal.web.doorstep import leave_beside
from portal.web.guards import current_actor, public, signed_in
from portal.web.headers import forget_pages
from portal.web.session import after_commit, db_session
from portal.web.settings import current_settings
from portal.web.signin import (
    open_session,
    revoke_account_sessions,
    revoke_session,
    switch_membership,
)

blueprint = Blueprint("accounts", __name__, url_prefix="/compte")


@blueprint.get("/connexion")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in form."""
    form = SignInForm(suite=request.args.get("suite", ""))
    return _sign_in_page(form)


@blueprint.post("/connexion")
@public
def sign_in_post() -> ResponseReturnValue:
    """Check the password and open a session."""
    form = SignInForm()
    if not form.validate():
        return _sign_in_page(form), 422
    try:
        attempt = begin_attempt(form.email.data or "")
    except TooManyAttemptsError as error:
        return _wait_page(form, error.until)
    account = authenticate(
        db_session(), email=form.email.data or "", password=form.password.data or ""
    )
    if account and totp.is_on(db_session(), account):
        after_commit(partial(attempts().forget, attempt))
        hold_for_code(account, form.suite.data)
        return redirect(url_for("factors.ask_code"))
    if account and open_session(db_session(), account):
        after_commit(partial(attempts().forget, attempt))
        return redirect(safe_target(form.suite.data))
    form.password.errors = [_("L’adresse ou le mot de passe ne correspond pas.")]
    return _sign_in_page(form), 422


@blueprint.post("/deconnexion")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End this browser's session."""
    leave_beside(db_session())
    revoke_session(db_session(), current_user.token)
    logout_user()
    return forget_pages(make_response(redirect(url_for("accounts.sign_in"))))


@blueprint.post("/structure/<public_id>")
@signed_in
def switch(public_id: str) -> ResponseReturnValue:
    """Act for another of one's structures."""
    chosen = next((m for m in current_actor().memberships if m.public_id == public_id), None)
    if chosen is None or not chosen.organisation.active:
        abort(404)
    leave_beside(db_session())
    switch_membership(db_session(), current_user.token, chosen)
    return redirect("/")


@blueprint.get("/")
@signed_in
def mine() -> ResponseReturnValue:
    """One's own account: structures, password, open sessions, what was done to it."""
    return _mine(ChangePasswordForm())


@blueprint.post("/mot-de-passe")
@signed_in
def change_password() -> ResponseReturnValue:
    """Change one's password; every other browser is signed out."""
    form, actor = ChangePasswordForm(), current_actor()
    if not form.validate() or not _right_password(form, actor.account):
        return _mine(form), 422
    try:
        changes.record_password(db_session(), actor, actor.account, form.password.data or "")
    except InputError as error:
        form.password.errors = [str(error)]
        return _mine(form), 422
    open_session(db_session(), actor.account, actor.membership)
    flash(_("Votre mot de passe est changé. Vos autres connexions sont fermées."), "success")
    return redirect(url_for("factors.show" if _told_keys(actor.account) else "accounts.mine"))


@blueprint.post("/connexions/fermer")
@signed_in
def sign_out_elsewhere() -> ResponseReturnValue:
    """End every session of the account but a fresh one for this browser."""
    actor = current_actor()
    revoke_account_sessions(db_session(), actor.account)
    open_session(db_session(), actor.account, actor.membership)
    flash(_("Vos autres connexions sont fermées."), "success")
    return redirect(url_for("accounts.mine"))


@blueprint.get("/choisir/<token>")
@public
def choose_password(token: str) -> ResponseReturnValue:
    """The page of a one-time link."""
    account = links.account_of_token(db_session(), current_settings().secret_key, token)
    return _choose_page(NewPasswordForm(), account, token)


@blueprint.post("/choisir/<token>")
@public
def choose_password_post(token: str) -> ResponseReturnValue:
    """Store the password chosen through a one-time link."""
    form = NewPasswordForm()
    account = links.account_of_token(db_session(), current_settings().secret_key, token)
    if account is None or not form.validate():
        return _choose_page(form, account, token, status=422)
    try:
        changes.record_password(db_session(), None, account, form.password.data or "")
    except InputError as error:
        form.password.errors = [str(error)]
        return _choose_page(form, account, token, status=422)
    flash(_("Votre mot de passe est enregistré. Connectez-vous."), "success")
    suite = url_for("factors.show") if _told_keys(account) else None
    return redirect(url_for("accounts.sign_in", suite=suite))


def _told_keys(account: Account) -> bool:
    """Whether passkeys outlive the password that changed; the holder is then told to look."""
    left = len(list_passkeys(db_session(), account))
    if left:
        said = ngettext(
            "%(num)d clé d’accès ouvre encore votre compte. Retirez-la si elle n’est pas à vous.",
            "%(num)d clés d’accès ouvrent encore votre compte. Retirez celle qui n’est pas à vous.",
            left,
        )
        flash(said, "warning")
    return bool(left)


def _mine(form: ChangePasswordForm) -> str:
    actor = current_actor()
    return render_template(
        "accounts/mine.html",
        form=form,
        elsewhere=count_sessions(db_session(), actor.account) - 1,
        events=list_events(db_session(), actor.account),
        event_labels=changes.EVENT_LABELS,
    )


def _choose_page(
    form: NewPasswordForm, account: Account | None, token: str, *, status: int = 200
) -> ResponseReturnValue:
    if account is None:
        return render_template("accounts/link_expired.html"), 410
    page = render_template("accounts/choose_password.html", form=form, holder=account, token=token)
    return page, status


def _right_password(form: ChangePasswordForm, account: Account) -> bool:
    """Whether the present password is right; guesses count as those of the sign-in page do."""
    try:
        attempt = begin_attempt(account.email)
    except TooManyAttemptsError as error:
        form.current.errors = [wait_message(error.until)]
        return False
    if not password_matches(account.password_hash, form.current.data or ""):
        form.current.errors = [_("Ce n’est pas votre mot de passe actuel.")]
        return False
    attempts().forget(attempt)
    return True


def _sign_in_page(form: SignInForm) -> str:
    return render_template(
        "accounts/sign_in.html", form=form, site=Site(current_settings().public_url)
    )


def _wait_page(form: SignInForm, until: datetime) -> ResponseReturnValue:
    form.password.errors = [wait_message(until)]
    seconds = max(1, round((until - clock.now()).total_seconds()))
    page = _sign_in_page(form)
    return page, 429, {"Retry-After": str(seconds)}
