"""Six-digit codes and passkeys: at the door, and on « Ma sécurité »."""

from __future__ import annotations

from functools import partial
from typing import Any

import segno
from flask import (
    Blueprint,
    abort,
    flash,
    jsonify,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.journal import record_event
from portal.accounts import passkeys, totp
from portal.accounts.forms import CodeForm, PasskeyForm, StopCodesForm
from portal.accounts.passkeys import PasskeyError, Site
from portal.accounts.passwords import MAXIMUM_LENGTH, password_matches
from portal.accounts.second_step import held_account
from portal.accounts.signing import attempts, begin_attempt, safe_target, wait_message
from portal.accounts.throttle import TooManyAttemptsError, network_of
from portal.models import Account
from portal.web.guards import current_actor, public, signed_in
from portal.web.session import after_commit, db_session
from portal.web.settings import current_settings
from portal.web.signin import open_session

blueprint = Blueprint("factors", __name__, url_prefix="/compte")
_CHALLENGE = "passkey_challenge"
# Of a passkey to make: whose password was given, and the challenge, which is dated. Never the one
# of the door, which is given to anybody.
_NEW_KEY = "new_passkey"
_SPARE = "spare_codes"


# At the door ---------------------------------------------------------------------------------


@blueprint.get("/connexion/code")
@public
def ask_code() -> ResponseReturnValue:
    """The six digits, once the password was right."""
    if held_account(db_session()) is None:
        return redirect(url_for("accounts.sign_in"))
    return render_template("accounts/second_step.html", form=CodeForm())


@blueprint.post("/connexion/code")
@public
def check_code() -> ResponseReturnValue:
    """Open the session when the digits, or a spare code, are right."""
    held, form = held_account(db_session()), CodeForm()
    if held is None:
        flash(_("Le temps est passé. Donnez à nouveau votre mot de passe."), "info")
        return redirect(url_for("accounts.sign_in"))
    account, target = held
    attempt, waiting = _count(f"code:{account.public_id}")
    if waiting:
        form.code.errors = [waiting]
        return render_template("accounts/second_step.html", form=form), 429
    code = form.code.data or ""
    if not totp.check(db_session(), current_settings().secret_key, account, code):
        form.code.errors = [_("Ce code n’est pas le bon, ou il a déjà servi.")]
        return render_template("accounts/second_step.html", form=form), 422
    return _enter(account, attempt, target) or redirect(url_for("accounts.sign_in"))


@blueprint.post("/connexion/cle/demande")
@public
def ask_passkey() -> ResponseReturnValue:
    """What the browser needs to ask for a passkey."""
    challenge = _fresh_challenge()
    return jsonify(passkeys.authentication_options(_site(), challenge))


@blueprint.post("/connexion/cle")
@public
def check_passkey() -> ResponseReturnValue:
    """Open a session for the account whose passkey answered."""
    # The answer names nobody yet: by network, or guesses of a few would make everybody wait.
    attempt, waiting = _count(f"passkey {network_of(request.remote_addr or '')}")
    if waiting:
        return jsonify(error=waiting), 429
    try:
        account = passkeys.account_of_answer(
            db_session(), _site(), challenge=_used_challenge(), answer=_answer()
        )
    except PasskeyError:
        return jsonify(error=_("Cette clé n’est pas reconnue. Donnez votre mot de passe.")), 422
    if _enter(account, attempt, "") is None:
        return jsonify(error=_("Ce compte ne travaille plus dans aucune structure.")), 422
    return jsonify(target=safe_target(request.args.get("suite")))


def _count(key: str) -> tuple[int, str | None]:
    """Count a guess; (its number, None), or (0, until when to wait)."""
    try:
        return begin_attempt(key), None
    except TooManyAttemptsError as error:
        return 0, wait_message(error.until)


def _enter(account: Account, attempt: int, target: str) -> ResponseReturnValue | None:
    if open_session(db_session(), account) is None:
        return None
    after_commit(partial(attempts().forget, attempt))
    return redirect(safe_target(target))


# « Ma sécurité » -----------------------------------------------------------------------------


@blueprint.get("/securite")
@signed_in
def show() -> ResponseReturnValue:
    """One's passkeys and codes."""
    return _page()


@blueprint.post("/securite/code")
@signed_in
def begin_codes() -> ResponseReturnValue:
    """Show the square code to read with an application; nothing is asked before a first code."""
    account = current_actor().account
    if totp.is_on(db_session(), account):
        abort(409)
    totp.begin(db_session(), current_settings().secret_key, account)
    return redirect(url_for("factors.show", _anchor="codes"))


@blueprint.post("/securite/code/verifier")
@signed_in
def confirm_codes() -> ResponseReturnValue:
    """Ask for codes from now on: the first one was right."""
    actor, form = current_actor(), CodeForm()
    attempt, waiting = _count(f"code:{actor.account.public_id}")
    code = "".join((form.code.data or "").split())
    key = current_settings().secret_key
    if waiting or not totp.confirm(db_session(), key, actor.account, code):
        form.code.errors = [waiting or _("Ce code n’est pas le bon. Attendez le suivant.")]
        return _page(code_form=form, status=429 if waiting else 422)
    after_commit(partial(attempts().forget, attempt))
    session[_SPARE] = totp.make_spare_codes(db_session(), key, actor.account)
    _record("second_step_on")
    flash(_("Un code vous sera demandé à la connexion. Gardez vos codes de secours."), "success")
    return redirect(url_for("factors.show", _anchor="secours"))


@blueprint.post("/securite/secours")
@signed_in
def renew_spare_codes() -> ResponseReturnValue:
    """Ten new spare codes, shown once."""
    account = current_actor().account
    if not totp.is_on(db_session(), account):
        abort(409)
    session[_SPARE] = totp.make_spare_codes(db_session(), current_settings().secret_key, account)
    _record("spare_codes_made")
    return redirect(url_for("factors.show", _anchor="secours"))


@blueprint.post("/securite/code/retirer")
@signed_in
def stop_codes() -> ResponseReturnValue:
    """Ask for codes no more; the password is asked, for a browser left open."""
    account, form = current_actor().account, StopCodesForm()
    attempt, waiting = _count(account.email)
    if waiting or not password_matches(account.password_hash, form.current.data or ""):
        form.current.errors = [waiting or _("Ce n’est pas votre mot de passe.")]
        return _page(stop_form=form, status=429 if waiting else 422)
    after_commit(partial(attempts().forget, attempt))
    totp.stop(db_session(), account)
    _record("second_step_off")
    flash(_("Le code n’est plus demandé."), "success")
    return redirect(url_for("factors.show"))


@blueprint.post("/securite/cle/demande")
@signed_in
def ask_new_passkey() -> ResponseReturnValue:
    """What the browser needs to make a passkey; the password is asked, for a browser left open."""
    if not _site().can_hold_passkeys:
        abort(409)
    account = current_actor().account
    attempt, waiting = _count(account.email)
    if waiting or not password_matches(account.password_hash, _password()):
        said = waiting or _("Ce n’est pas votre mot de passe.")
        return jsonify(error=said), 429 if waiting else 422
    after_commit(partial(attempts().forget, attempt))
    challenge = passkeys.new_challenge()
    session[_NEW_KEY] = [account.public_id, challenge]
    return jsonify(passkeys.registration_options(db_session(), _site(), account, challenge))


@blueprint.post("/securite/cle")
@signed_in
def add_passkey() -> ResponseReturnValue:
    """Keep the passkey that the device has made, within five minutes of the password."""
    answer, account = _answer(), current_actor().account
    asked_by, challenge = session.pop(_NEW_KEY, ("", ""))
    try:
        passkeys.register(
            db_session(),
            _site(),
            account,
            challenge=challenge if asked_by == account.public_id else "",
            answer=answer,
            label=str(answer.get("label", "")),
        )
    except PasskeyError:
        return jsonify(error=_("La clé n’a pas pu être ajoutée. Rien n’est changé.")), 422
    _record("passkey_added")
    flash(_("Cette clé d’accès ouvre maintenant votre compte."), "success")
    return jsonify(target=url_for("factors.show"))


@blueprint.post("/securite/cle/<public_id>/retirer")
@signed_in
def remove_passkey(public_id: str) -> ResponseReturnValue:
    """Take back one of one's passkeys."""
    if passkeys.forget(db_session(), current_actor().account, public_id) is None:
        abort(404)
    _record("passkey_removed")
    flash(_("Cette clé d’accès n’ouvre plus votre compte."), "success")
    return redirect(url_for("factors.show"))


def _page(
    *,
    code_form: CodeForm | None = None,
    stop_form: StopCodesForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    db, account = db_session(), current_actor().account
    secret = totp.pending_secret(db, current_settings().secret_key, account)
    page = render_template(
        "accounts/security.html",
        code_form=code_form or CodeForm(formdata=None),
        stop_form=stop_form or StopCodesForm(formdata=None),
        passkey_form=PasskeyForm(formdata=None),
        codes_on=totp.is_on(db, account),
        secret=secret,
        square=_square(secret, account) if secret else None,
        spare_left=totp.count_spare_codes(db, account),
        # Shown once: the page that follows their making, and no other.
        spare=session.pop(_SPARE, None),
        keys=passkeys.list_passkeys(db, account),
        site=_site(),
    )
    return page, status


def _square(secret: str, account: Account) -> str:
    """The square code as an image in the page: the secret goes through no other address."""
    code: str = segno.make(totp.address_of(secret, account), error="m").svg_data_uri(scale=5)
    return code


def _record(name: str) -> None:
    actor = current_actor()
    record_event(db_session(), actor=actor, subject=actor.account, name=name)


def _site() -> Site:
    return Site(current_settings().public_url)


def _fresh_challenge() -> str:
    if not _site().can_hold_passkeys:
        abort(409)
    session[_CHALLENGE] = passkeys.new_challenge()
    return str(session[_CHALLENGE])


def _used_challenge() -> str:
    """The challenge of this browser, which serves once."""
    return str(session.pop(_CHALLENGE, ""))


def _password() -> str:
    """The password beside the name of the device."""
    found = request.get_json(silent=True)
    given = found.get("password") if isinstance(found, dict) else None
    # Half a character, which JSON can say and no form can, is only wrong.
    return (
        given[:MAXIMUM_LENGTH].encode(errors="replace").decode() if isinstance(given, str) else ""
    )


def _answer() -> dict[str, Any]:
    """What the device gave; nothing when it holds what no database keeps as text."""
    found = request.get_json(silent=True)
    told = (found.get("id", ""), found.get("label", "")) if isinstance(found, dict) else ("\0",)
    return found if isinstance(found, dict) and all(map(_is_text, told)) else {}


def _is_text(value: object) -> bool:
    return isinstance(value, str) and all(c.isprintable() or c.isspace() for c in value)
