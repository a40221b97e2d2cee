"""The entrances where somebody comes without a link, and where a light visit proves more."""

from __future__ import annotations

from functools import partial

from flask import Response, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.accounts.throttle import Attempts, TooManyAttemptsError
from portal.doors.blueprint import blueprint
from portal.doors.codes import (
    find_person_code,
    has_living_code,
    is_living,
    send_code,
    try_code,
)
from portal.doors.demo import code_to_show
from portal.doors.forms import PersonCodeForm, SixDigitsForm
from portal.doors.opening import is_followed
from portal.doors.passes import caller, note_refusal, record_pass
from portal.doors.visits import enter_by_code
from portal.messages.reaching import why_unreached
from portal.models import PassOutcome, Person, PersonCode
from portal.web.guards import current_person, person_door, public
from portal.web.paths import local_path
from portal.web.session import after_commit, database, db_session
from portal.web.settings import current_settings

PERSON_CODE = "person-code"


@blueprint.get("/moi/entrer")
@public
def enter_person() -> ResponseReturnValue:
    """Where a person types the code that was printed for them."""
    return render_template("doorstep/enter_person.html", form=PersonCodeForm())


@blueprint.post("/moi/entrer")
@public
def enter_person_post() -> ResponseReturnValue:
    """Open the space of the person whose code it is."""
    form = PersonCodeForm()
    if not form.validate():
        return render_template("doorstep/enter_person.html", form=form), 422
    try:
        attempt = _attempts().begin(email=f"{PERSON_CODE} {caller()}", address=caller())
    except TooManyAttemptsError as error:
        return _wait(form, error)
    code = find_person_code(db_session(), _secret(), form.code.data)
    if code is None or not is_living(code) or not is_followed(code.person):
        return _refuse_code(form, code)
    enter_by_code(db_session(), code, own_phone=bool(form.own_phone.data))
    after_commit(partial(_attempts().forget, attempt))
    return redirect(url_for("recipients.home"), 303)


@blueprint.get("/entreprise/entrer")
@public
def enter_employer() -> ResponseReturnValue:
    """What an employer without a link does."""
    return render_template("doorstep/enter_employer.html")


@blueprint.get("/moi/confirmer")
@person_door
def confirm() -> ResponseReturnValue:
    """Where a person who came with a link alone proves more; ``suite``: where they go on to."""
    visitor = current_person()
    if visitor.confirmed:
        return redirect(_next())
    return _confirm_page(SixDigitsForm(), visitor.person)


@blueprint.post("/moi/confirmer")
@person_door
def confirm_post() -> ResponseReturnValue:
    """Confirm the visit with the right code."""
    form, visitor = SixDigitsForm(), current_person()
    if not form.validate():
        return _confirm_page(form, visitor.person, 422)
    if not try_code(database(), _secret(), to=visitor.person, typed=form.code.data):
        note_refusal(PassOutcome.WRONG_CODE, bearer=visitor.person)
        form.code.errors = [_("Ce n’est pas le bon code. Rien n’est perdu.")]
        return _confirm_page(form, visitor.person, 422)
    visitor.row.confirmed_at = clock.now()
    record_pass(db_session(), PassOutcome.OPENED, bearer=visitor.person)
    return redirect(_next(), 303)


@blueprint.post("/moi/confirmer/code")
@person_door
def send_confirmation() -> ResponseReturnValue:
    """Send six digits to the phone or mail on file."""
    person = current_person().person
    if why_unreached(person, asked_for=True) is not None:
        return redirect(url_for("doorstep.confirm", suite=_next()), 303)
    if not send_code(db_session(), _secret(), to=person):
        form = SixDigitsForm(formdata=None)
        form.code.errors = [_("Plusieurs codes sont déjà partis. Attendez un quart d’heure.")]
        return _confirm_page(form, person, 429)
    return redirect(url_for("doorstep.confirm", suite=_next()), 303)


def _confirm_page(form: SixDigitsForm, person: Person, status: int = 200) -> Response:
    page = render_template(
        "doorstep/confirm.html",
        form=form,
        unreached=why_unreached(person, asked_for=True),
        sent=has_living_code(db_session(), to=person),
        shown=code_to_show(db_session(), current_settings(), to=person),
        suite=_next(),
    )
    return make_response(page, status)


def _next() -> str:
    """The page of this space that asked for the code; the first one by default."""
    home = url_for("recipients.home")
    target = local_path(request.values.get("suite"), home)
    return target if target == home or target.startswith(f"{home}/") else home


def _refuse_code(form: PersonCodeForm, code: PersonCode | None) -> ResponseReturnValue:
    """The same words whether the code never was, is too old or was withdrawn."""
    bearer = code.person if code else None
    note_refusal(PassOutcome.WRONG_CODE, bearer=bearer)
    form.code.errors = [_("Ce code ne marche pas. Vérifiez les douze chiffres.")]
    return render_template("doorstep/enter_person.html", form=form), 422


def _wait(form: PersonCodeForm, error: TooManyAttemptsError) -> ResponseReturnValue:
    seconds = max(1, round((error.until - clock.now()).total_seconds()))
    minutes = -(-seconds // 60)
    form.code.errors = [_("Trop d’essais. Attendez %(minutes)s minutes.", minutes=minutes)]
    page = render_template("doorstep/enter_person.html", form=form)
    return page, 429, {"Retry-After": str(seconds)}


def _attempts() -> Attempts:
    return Attempts(database(), _secret())


def _secret() -> str:
    return current_settings().secret_key
