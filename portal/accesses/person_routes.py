"""« Accès de la personne »: a link, a printed code, or doing it together."""

from __future__ import annotations

from typing import Any

import segno
from flask import (
    Blueprint,
    Response,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.roles import Capability
from portal.accesses import queries
from portal.accesses.forms import BesideForm
from portal.calls.queries import who_follows
from portal.doors.codes import PRINTED_VALID_FOR, in_groups, make_person_code
from portal.doors.invite import send_person_link
from portal.doors.visits import enter_beside
from portal.messages.providers import provider_for
from portal.messages.reaching import why_unreached
from portal.models import MessageChannel
from portal.people.frame import frame
from portal.people.queries.files import Opened
from portal.people.routes.door import open_to_write
from portal.recipients.frame import call_of
from portal.web.guards import current_actor, requires
from portal.web.session import db_session
from portal.web.settings import current_settings

blueprint = Blueprint("person_accesses", __name__, url_prefix="/personnes")


@blueprint.get("/<public_id>/acces")
@requires(Capability.PEOPLE_WRITE)
def show(public_id: str) -> ResponseReturnValue:
    """How the person comes in, and what they were given."""
    return _page(open_to_write(public_id), BesideForm(formdata=None))


@blueprint.post("/<public_id>/acces/lien")
@requires(Capability.PEOPLE_WRITE)
def send_link(public_id: str) -> ResponseReturnValue:
    """Send a link to the person's space."""
    opened = open_to_write(public_id)
    message = send_person_link(db_session(), person=opened.person, by=current_actor())
    if message.channel is MessageChannel.CALL:
        why = why_unreached(opened.person)
        flash(
            _(
                "Aucun message ne peut partir (%(why)s). Imprimez plutôt un code,"
                " ou demandez un mobile ou un courriel.",
                why=why.label if why else message.channel.label,
            ),
            "warning",
        )
    elif provider_for(current_settings(), message.channel) is None:
        flash(
            _(
                "Aucun envoi n’est réglé sur ce portail\u00a0: le lien ne part pas."
                " Imprimez plutôt un code."
            ),
            "warning",
        )
    else:
        flash(_("Le lien d’accès part vers la personne."), "success")
    return _back(public_id)


@blueprint.post("/<public_id>/acces/code")
@requires(Capability.PEOPLE_WRITE)
def print_code(public_id: str) -> ResponseReturnValue:
    """A new code, on a sheet that is shown once: its digits are not kept."""
    person, settings = open_to_write(public_id).person, current_settings()
    digits = make_person_code(db_session(), settings.secret_key, current_actor(), person=person)
    address = settings.public_url + url_for("doorstep.enter_person")
    return render_template(
        "accesses/sheet.html",
        person=person,
        code=in_groups(digits),
        # Browsers add it: shorter to type.
        address=address.removeprefix("https://"),
        square=segno.make(address, error="m").svg_data_uri(scale=5, border=2),
        until=clock.today() + PRINTED_VALID_FOR,
        call=call_of(who_follows(db_session(), person)),
    )


@blueprint.post("/<public_id>/acces/retirer")
@requires(Capability.PEOPLE_WRITE)
def withdraw(public_id: str) -> ResponseReturnValue:
    """End the person's links, printed code and open visits."""
    opened = open_to_write(public_id)
    queries.record_person_closed(db_session(), current_actor(), person=opened.person)
    flash(_("Les accès sont retirés. Le code imprimé ne marche plus."), "success")
    return _back(public_id)


@blueprint.post("/<public_id>/acces/ensemble")
@requires(Capability.PEOPLE_WRITE)
def beside(public_id: str) -> ResponseReturnValue:
    """Open the space with the person beside, who said that they agree."""
    opened, form = open_to_write(public_id), BesideForm()
    if not form.validate():
        return _page(opened, form, status=422)
    enter_beside(db_session(), current_actor(), person=opened.person)
    return redirect(url_for("recipients.home"), 303)


def _page(opened: Opened, form: BesideForm, *, status: int = 200) -> Response:
    context: dict[str, Any] = frame(opened, "access")
    page = render_template(
        "accesses/person.html",
        form=form,
        unreached=why_unreached(opened.person, asked_for=True),
        given=queries.list_of_person(db_session(), opened.person),
        code=queries.get_living_code(db_session(), opened.person),
        **context,
    )
    return make_response(page, status)


def _back(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("person_accesses.show", public_id=public_id), 303)
