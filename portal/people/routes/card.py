"""A person of whom only the card may be seen: the reason that opens the file."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal.access.log import log_read
from portal.access.people import PersonAccess
from portal.access.roles import Capability
from portal.models import AccessKind
from portal.people.forms.identity import ReasonForm
from portal.people.queries.abilities import list_past_trades
from portal.people.queries.files import Opened, record_grant
from portal.people.routes.door import blueprint, find
from portal.people.rules import GRANT_LENGTH
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/<public_id>/carte")
@requires(Capability.PEOPLE_READ)
def card(public_id: str) -> ResponseReturnValue:
    """The card, and the question « pourquoi ouvrir ce dossier ? »."""
    opened = find(public_id)
    if opened.level > PersonAccess.CARD:
        return redirect(url_for("people.show", public_id=public_id))
    return _page(opened, ReasonForm(formdata=None))


@blueprint.post("/<public_id>/carte")
@requires(Capability.PEOPLE_READ)
def open_card(public_id: str) -> ResponseReturnValue:
    """Open the file for the reason given."""
    opened = find(public_id)
    form = ReasonForm()
    if opened.level is PersonAccess.CARD:
        if not form.validate():
            return _page(opened, form), 422
        record_grant(db_session(), current_actor(), person=opened.person, reason=form.reason.chosen)
    return redirect(url_for("people.show", public_id=public_id), 303)


def _page(opened: Opened, form: ReasonForm) -> str:
    log_read(current_actor(), [opened.person.id], AccessKind.LIST, context="carte")
    return render_template(
        "people/card.html",
        person=opened.person,
        form=form,
        trades=[row.occupation.label for row in list_past_trades(db_session(), opened.person)],
        days=GRANT_LENGTH.days,
    )
