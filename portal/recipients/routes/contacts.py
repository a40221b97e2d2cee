"""« Mes contacts »."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.calls.queries import promised_call
from portal.models import CallReason
from portal.recipients import contacts as queries
from portal.recipients.blueprint import blueprint
from portal.recipients.frame import visitor_seen
from portal.web.guards import current_person, person_door
from portal.web.session import db_session


@blueprint.get("/contacts")
@person_door
def contacts() -> ResponseReturnValue:
    """Who follows me, and the number of each."""
    person = visitor_seen().person
    return render_template(
        "recipients/contacts.html",
        contacts=queries.list_contacts(db_session(), person),
        promised=promised_call(db_session(), person, CallReason.CALL_ME),
    )


@blueprint.post("/contacts/rappel")
@person_door
def call_me() -> ResponseReturnValue:
    """« Rappelez-moi »."""
    queries.ask_call(db_session(), current_person().person)
    return redirect(url_for("recipients.contacts"))
