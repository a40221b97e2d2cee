"""« Accès de l’employeur »: the contacts of an establishment and the links they are sent.

The platform that keeps the establishment writes them; another that presented somebody there sends
links to those that are known.
"""

from __future__ import annotations

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.roles import Capability
from portal.accesses import queries
from portal.accesses.forms import ContactForm
from portal.doors.contacts import close_accesses, send_employer_link
from portal.messages.providers import provider_for
from portal.messages.reaching import why_unreached
from portal.models import EmployerContact, Establishment, LinkPurpose, MessageChannel
from portal.web.guards import current_actor, requires
from portal.web.session import db_session
from portal.web.settings import current_settings

blueprint = Blueprint("employer_accesses", __name__, url_prefix="/entreprises")


@blueprint.get("/<public_id>/acces")
@requires(Capability.OFFERS_WRITE)
def show(public_id: str) -> ResponseReturnValue:
    """The contacts, the links sent and what came of them."""
    return _page(_establishment(public_id), ContactForm(formdata=None))


@blueprint.post("/<public_id>/acces/contacts")
@requires(Capability.OFFERS_WRITE)
def add_contact(public_id: str) -> ResponseReturnValue:
    """Write a new contact."""
    establishment, form = _kept(public_id), ContactForm()
    if not form.validate():
        return _page(establishment, form, status=422)
    contact = EmployerContact(establishment_id=establishment.id)
    queries.record_contact(db_session(), current_actor(), contact=contact, **form.values())
    return _back(public_id)


@blueprint.post("/<public_id>/acces/contacts/reprendre")
@requires(Capability.OFFERS_WRITE)
def take_contact(public_id: str) -> ResponseReturnValue:
    """Make a contact of the name and number that the offer gave."""
    establishment = _kept(public_id)
    queries.record_first_contact(db_session(), current_actor(), establishment=establishment)
    return _back(public_id)


@blueprint.get("/<public_id>/acces/contacts/<contact_id>")
@requires(Capability.OFFERS_WRITE)
def contact(public_id: str, contact_id: str) -> ResponseReturnValue:
    """Change a contact."""
    row = _kept_contact(public_id, contact_id)
    return _contact_page(row, ContactForm(formdata=None, obj=row))


@blueprint.post("/<public_id>/acces/contacts/<contact_id>")
@requires(Capability.OFFERS_WRITE)
def change_contact(public_id: str, contact_id: str) -> ResponseReturnValue:
    """Record the changes of a contact."""
    row, form = _kept_contact(public_id, contact_id), ContactForm()
    if not form.validate():
        return _contact_page(row, form, status=422)
    queries.record_contact(db_session(), current_actor(), contact=row, **form.values())
    return _back(public_id)


@blueprint.post("/<public_id>/acces/contacts/<contact_id>/fermer")
@requires(Capability.OFFERS_WRITE)
def close_contact(public_id: str, contact_id: str) -> ResponseReturnValue:
    """The contact left."""
    row = _kept_contact(public_id, contact_id)
    queries.record_departure(db_session(), current_actor(), contact=row)
    return _back(public_id)


@blueprint.post("/<public_id>/acces/contacts/<contact_id>/lien")
@requires(Capability.OFFERS_WRITE)
def send_link(public_id: str, contact_id: str) -> ResponseReturnValue:
    """Send a link to the space of the employer."""
    row, actor = _contact(public_id, contact_id), current_actor()
    if not row.active:
        abort(404)
    message = send_employer_link(
        db_session(),
        contact=row,
        purpose=LinkPurpose.EMPLOYER_SPACE,
        organisation_id=actor.organisation.id,
        by_id=actor.account.id,
    )
    why = why_unreached(row)
    if message.channel is MessageChannel.CALL and why is not None:
        flash(
            _(
                "Aucun message ne peut partir vers %(name)s (%(why)s). Appelez, et demandez un"
                " mobile ou un courriel.",
                name=row.name,
                why=why.label,
            ),
            "warning",
        )
    elif provider_for(current_settings(), message.channel) is None:
        flash(
            _(
                "Aucun envoi n’est réglé sur ce portail\u00a0: le lien ne part pas."
                " Appelez %(name)s.",
                name=row.name,
            ),
            "warning",
        )
    else:
        flash(_("Le lien part vers %(name)s.", name=row.name), "success")
    return _back(public_id)


@blueprint.post("/<public_id>/acces/contacts/<contact_id>/retirer")
@requires(Capability.OFFERS_WRITE)
def withdraw(public_id: str, contact_id: str) -> ResponseReturnValue:
    """End every link, device and visit of a contact."""
    row = _kept_contact(public_id, contact_id)
    close_accesses(db_session(), current_actor(), contact=row)
    flash(_("Les accès de %(name)s sont retirés.", name=row.name), "success")
    return _back(public_id)


def _establishment(public_id: str) -> Establishment:
    return queries.get_establishment(db_session(), current_actor(), public_id) or abort(404)


def _kept(public_id: str) -> Establishment:
    row = queries.get_kept_establishment(db_session(), current_actor(), public_id)
    return row or abort(404)


def _kept_contact(public_id: str, contact_id: str) -> EmployerContact:
    row = queries.get_kept_contact(db_session(), current_actor(), public_id, contact_id)
    return row or abort(404)


def _contact(public_id: str, contact_id: str) -> EmployerContact:
    row = queries.get_contact(db_session(), current_actor(), public_id, contact_id)
    return row or abort(404)


def _page(establishment: Establishment, form: ContactForm, *, status: int = 200) -> Response:
    kept = queries.keeps(db_session(), current_actor(), establishment)
    page = render_template(
        "accesses/employer.html",
        establishment=establishment,
        kept=kept,
        contacts=queries.list_contacts(db_session(), establishment),
        given=queries.list_of_establishment(db_session(), establishment) if kept else None,
        form=form,
        why_unreached=why_unreached,
    )
    return make_response(page, status)


def _contact_page(row: EmployerContact, form: ContactForm, *, status: int = 200) -> Response:
    page = render_template(
        "accesses/contact.html", establishment=row.establishment, contact=row, form=form
    )
    return make_response(page, status)


def _back(public_id: str) -> ResponseReturnValue:
    return redirect(url_for("employer_accesses.show", public_id=public_id), 303)
