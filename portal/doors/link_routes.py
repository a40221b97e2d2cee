"""The address of a link. Opening its page consumes nothing: telephones fetch links ahead."""

from __future__ import annotations

from flask import Response, g, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import record_call
from portal.clock import today
from portal.doors.blueprint import blueprint
from portal.doors.codes import has_living_code, send_code, try_code
from portal.doors.contacts import send_again
from portal.doors.demo import code_to_show
from portal.doors.devices import is_trusted, trust_device
from portal.doors.landing import Landing, invitation_of, landing_of
from portal.doors.links import find_link
from portal.doors.opening import take_link, why_closed
from portal.doors.passes import note_refusal, record_pass
from portal.doors.visits import came_by, enter_by_link
from portal.invitations.answering import answer
from portal.invitations.rules import BUTTONS
from portal.messages.reaching import why_unreached
from portal.models import AnswerChannel, CallReason, DoorLink, EmployerContact, PassOutcome
from portal.today.tasks import working_days_after
from portal.web.doorstep import cookie_options
from portal.web.guards import public
from portal.web.language import COOKIE, choose_language
from portal.web.session import database, db_session
from portal.web.settings import current_settings

#: Refused for these reasons, an employer's link may be asked for again.
_RENEWABLE = frozenset({PassOutcome.USED, PassOutcome.EXPIRED})
_LOST_LINK_WITHIN = 2
"""Working days within which somebody whose link is lost is called."""


@blueprint.get("/l/<token>")
@public
def link(token: str) -> ResponseReturnValue:
    """The page of a link, with one button to open it."""
    row = _find(token)
    landing = landing_of(db_session(), row) if row else None
    if row is not None and landing is not None and came_by(row):
        return redirect(landing.target)
    refused = _refusal(row, landing, token)
    if refused is not None or row is None or landing is None:
        return refused or _unknown()
    return render_template(landing.template, link=row, ticket=token, **landing.context)


@blueprint.post("/l/<token>")
@public
def open_link(token: str) -> ResponseReturnValue:
    """Open a link, once; an employer on a new device first types a code."""
    row = _find(token)
    landing = landing_of(db_session(), row) if row else None
    if row is not None and landing is not None and came_by(row):
        # A second tap on the button: this browser was just let in.
        return redirect(landing.target_of(request.form.get("choice")), 303)
    refused = _refusal(row, landing, token)
    if refused is not None or row is None or landing is None:
        return refused or _unknown()
    if row.contact is not None and not is_trusted(db_session(), row.contact):
        return _ask_code(row, token)
    return _open(row, landing, token)


@blueprint.get("/l/<token>/code")
@public
def link_code(token: str) -> ResponseReturnValue:
    """Where an employer types the code that was sent to them."""
    row = _find(token)
    landing = landing_of(db_session(), row) if row else None
    if row is not None and landing is not None and came_by(row):
        return redirect(landing.target)  # « Back », once inside
    refused = _refusal(row, landing, token)
    if refused is not None or row is None or row.contact is None:
        return refused or _unknown()
    sent = has_living_code(db_session(), to=row.contact, link=row)
    return _code_page(row, token, sent=sent)


@blueprint.post("/l/<token>/code")
@public
def check_link_code(token: str) -> ResponseReturnValue:
    """Open the link with the right code; this device is not asked again."""
    row = _find(token)
    landing = landing_of(db_session(), row) if row else None
    if row is not None and landing is not None and came_by(row):
        return redirect(landing.target, 303)  # a second tap
    refused = _refusal(row, landing, token)
    if refused is not None or row is None or row.contact is None or landing is None:
        return refused or _unknown()
    right = try_code(
        database(), _secret(), to=row.contact, link=row, typed=request.form.get("code")
    )
    if not right:
        return _wrong_code(row, token)
    response = _open(row, landing, token)
    if response.status_code < 400:
        trust_device(db_session(), response, row.contact)
    return response


@blueprint.post("/l/<token>/code/nouveau")
@public
def new_link_code(token: str) -> ResponseReturnValue:
    """Send another code."""
    row = _find(token)
    refused = _refusal(row, landing_of(db_session(), row) if row else None, token)
    if refused is not None or row is None or row.contact is None:
        return refused or _unknown()
    return _send_code(row, token)


@blueprint.post("/l/<token>/nouveau")
@public
def new_link(token: str) -> ResponseReturnValue:
    """Send a new link to the contact on file; the answer never says whether one left."""
    row = _find(token)
    if row is not None and row.contact is not None and why_closed(row) in _RENEWABLE:
        send_again(db_session(), row)
    return redirect(url_for("doorstep.asked", what="lien"), 303)


@blueprint.post("/l/<token>/rappel")
@public
def lost_link(token: str) -> ResponseReturnValue:
    """« Rappelez-moi »: somebody calls the person whose link does not work."""
    row = _find(token)
    response = redirect(url_for("doorstep.asked", what="appel"), 303)
    if row is not None and row.person is not None and why_closed(row) is not PassOutcome.CLOSED:
        record_call(
            db_session(),
            reason=CallReason.LOST_LINK,
            due_on=working_days_after(today(), _LOST_LINK_WITHIN),
            person=row.person,
        )
        # « C’est noté » and where one types a code read as the page on which the button was.
        response.set_cookie(COOKIE, choose_language(), **cookie_options())
    return response


@blueprint.get("/demande-recue/<any(lien, appel):what>")
@public
def asked(what: str) -> ResponseReturnValue:
    """What was asked for is on its way: the same page whoever asks."""
    return render_template("doorstep/asked.html", what=what)


def _open(row: DoorLink, landing: Landing, token: str) -> Response:
    refusal = take_link(db_session(), row)
    if refusal is not None:
        return _closed(row, refusal, token)
    _answer(row)
    enter_by_link(db_session(), row)
    return make_response(redirect(landing.target_of(request.form.get("choice")), 303))


def _answer(row: DoorLink) -> None:
    """Record the answer that a button of the page gave, if the link is about an invitation."""
    given, invitation = request.form.get("choice", ""), invitation_of(db_session(), row)
    if invitation is None or given not in BUTTONS:
        return
    try:
        with db_session().begin_nested():
            answer(
                db_session(),
                invitation=invitation,
                choice=BUTTONS[given],
                channel=AnswerChannel.LINK,
                other_day=given == "other_day",
            )
    except IllegalTransitionError:
        # Too late since the page was shown: where one lands says so.
        return


def _ask_code(row: DoorLink, token: str) -> ResponseReturnValue:
    assert row.contact is not None
    record_pass(db_session(), PassOutcome.CODE_ASKED, link=row)
    if has_living_code(db_session(), to=row.contact, link=row):
        return redirect(url_for("doorstep.link_code", token=token), 303)
    return _send_code(row, token)


def _send_code(row: DoorLink, token: str) -> ResponseReturnValue:
    assert row.contact is not None
    if why_unreached(row.contact, asked_for=True) is not None:
        _ask_adviser(row.contact)
        return redirect(url_for("doorstep.link_code", token=token), 303)
    if send_code(db_session(), _secret(), to=row.contact, link=row):
        return redirect(url_for("doorstep.link_code", token=token), 303)
    error = _("Plusieurs codes sont déjà partis. Attendez un quart d’heure.")
    return _code_page(row, token, sent=True, error=error), 429


def _ask_adviser(contact: EmployerContact) -> None:
    """No code can leave: the adviser calls, and asks for a mobile or a mail."""
    record_call(
        db_session(),
        # What the contact asked for themself stays as they said it.
        reason=CallReason.NOT_REACHED,
        due_on=working_days_after(today(), 1),
        establishment=contact.establishment,
        contact=contact,
        subject=contact,
        # Read by a professional.
        note="Le code d’entrée ne peut pas partir\u00a0: demander un mobile ou un courriel.",
    )


def _wrong_code(row: DoorLink, token: str) -> Response:
    note_refusal(PassOutcome.WRONG_CODE, link=row)
    sent = row.contact is not None and has_living_code(db_session(), to=row.contact, link=row)
    error = (
        _("Ce n’est pas le bon code. Vérifiez les six chiffres.")
        if sent
        else _("Ce code ne marche plus. Demandez un nouveau code.")
    )
    return make_response(_code_page(row, token, sent=sent, error=error), 422)


def _code_page(row: DoorLink, token: str, *, sent: bool, error: str | None = None) -> str:
    assert row.contact is not None
    shown = code_to_show(db_session(), current_settings(), to=row.contact, link=row)
    return render_template(
        "doorstep/link_code.html",
        ticket=token,
        sent=sent,
        error=error,
        shown=shown,
        unreached=why_unreached(row.contact, asked_for=True),
        owner=row.contact.establishment.owner,
    )


def _refusal(row: DoorLink | None, landing: Landing | None, token: str) -> Response | None:
    """The page that says why a link does not open, noted; None when it opens."""
    if row is None:
        note_refusal(PassOutcome.UNKNOWN)
        return _unknown()
    reason = why_closed(row)
    if reason is None and landing is None:
        reason = PassOutcome.CLOSED
    return _closed(row, reason, token) if reason is not None else None


def _closed(row: DoorLink, reason: PassOutcome, token: str) -> Response:
    note_refusal(reason, link=row)
    template = "closed_person" if row.person_id is not None else "closed_employer"
    page = render_template(
        f"doorstep/{template}.html",
        ticket=token,
        reason=reason.value,
        renewable=reason in _RENEWABLE,
    )
    return make_response(page, 410)


def _unknown() -> Response:
    return make_response(render_template("doorstep/unknown.html"), 404)


def _find(token: str) -> DoorLink | None:
    row = find_link(db_session(), _secret(), token)
    if row is not None and row.person is not None and COOKIE not in request.cookies:
        # The page reads as the message that led to it; a choice made on this telephone stands.
        g.language = row.person.language
    return row


def _secret() -> str:
    return current_settings().secret_key
