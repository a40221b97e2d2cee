"""Situation: who the person is, what they want, how they come; a new file, a closed one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import matchmaking as mm
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.models import AccessKind, Person
from portal.people.forms.abilities import TradeForm
from portal.people.forms.identity import ArchiveForm, IdentityForm, NewPersonForm, ProjectForm
from portal.people.queries import abilities, files, follow
from portal.people.queries.engagements import why_file_stays_open
from portal.people.queries.files import Opened
from portal.people.queries.portfolio import missing_parts
from portal.people.routes.door import blueprint, frame, go_to, open_file, open_to_write
from portal.people.trades import read_trade
from portal.web.guards import current_actor, requires
from portal.web.session import db_session

_STRENGTHS_SHOWN = 6


@blueprint.get("/<public_id>")
@requires(Capability.PEOPLE_READ)
def show(public_id: str) -> ResponseReturnValue:
    """Needs and project first, then what the person can do, their first jobs, who follows."""
    return _situation(open_file(public_id), TradeForm(formdata=None))


def _situation(opened: Opened, form: TradeForm, reading: object = None) -> str:
    session, person = db_session(), opened.person
    known = abilities.list_abilities(session, person)
    strengths = [a for a in known if (a.fact.level or 0) >= 2]
    past = abilities.list_past_trades(session, person)
    interests = abilities.list_interests(session, person)
    view = mm.offers_for_person(session, current_actor(), person, mm.Window(size=3))
    return render_template(
        "people/show.html",
        **frame(opened, "show"),
        form=form,
        reading=reading,
        past=past,
        interests=interests,
        strengths=strengths[:_STRENGTHS_SHOWN],
        known_count=len(known),
        credentials=[c for c in abilities.list_credentials(session, person) if c.held],
        missing=missing_parts(person, has_skill=bool(known), has_trade=bool(past or interests)),
        view=view,
        contacts=follow.list_contacts(session, person)[:1],
    )


@blueprint.post("/<public_id>/metiers")
@requires(Capability.PEOPLE_WRITE)
def like(public_id: str) -> ResponseReturnValue:
    """A trade the person likes, or says no to."""
    opened, form = open_to_write(public_id), TradeForm()
    reading = read_trade(db_session(), form.trade.data or "", form.occupation.data)
    liking = {"1": 1, "-1": -1}.get(form.liking.data or "")
    if form.validate() and reading.occupation and liking:
        code = reading.occupation.code
        abilities.record_interest(
            db_session(), person=opened.person, occupation_code=code, liking=liking
        )
        return go_to("show", opened, _anchor="metiers")
    form.trade.errors = [*form.trade.errors, trade_error(reading.proposals, form)]
    return _situation(opened, form, reading), 422


def trade_error(proposals: object, form: TradeForm) -> str:
    """What to do about a trade that is not understood yet."""
    text = _("Aucun métier ne porte ce nom. Essayez un mot plus simple.")
    if not (form.trade.data or "").strip():
        text = _("Écrivez le nom d’un métier.")
    elif proposals:
        text = _("Plusieurs métiers sont possibles\u00a0: choisissez.")
    return str(text)


@blueprint.get("/nouvelle")
@requires(Capability.PEOPLE_WRITE)
def new() -> ResponseReturnValue:
    """The form of a new person."""
    return render_template("people/new.html", form=NewPersonForm(formdata=None), look_alikes=[])


@blueprint.post("/nouvelle")
@requires(Capability.PEOPLE_WRITE)
def create() -> ResponseReturnValue:
    """A new person; somebody who looks the same is asked about first."""
    form = NewPersonForm()
    if not form.validate():
        return render_template("people/new.html", form=form, look_alikes=[]), 422
    look_alikes = [] if form.other_person.data else _look_alikes(form)
    if look_alikes:
        return render_template("people/new.html", form=form, look_alikes=look_alikes), 422
    person = files.record_person(
        db_session(),
        current_actor(),
        identity=form.identity(),
        shared_by=form.shared_channel.chosen if form.shared.data else None,
    )
    flash(_("Dossier créé. Commencez par son projet."), "success")
    return redirect(url_for("people.show", public_id=person.public_id), 303)


def _look_alikes(form: NewPersonForm) -> list[Person]:
    identity = form.identity()
    found = files.list_look_alikes(
        db_session(),
        current_actor(),
        first_name=identity.first_name,
        last_name=identity.last_name,
        birth_date=identity.birth_date,
        phone=identity.phone,
    )
    log_read(current_actor(), [row.id for row in found], AccessKind.LIST, context="doublon")
    return found


@blueprint.get("/<public_id>/identite")
@requires(Capability.PEOPLE_WRITE)
def identity(public_id: str) -> ResponseReturnValue:
    """The form of the identity."""
    opened, form = open_to_write(public_id), IdentityForm(formdata=None)
    form.fill(opened.person)
    return render_template("people/identity.html", **frame(opened, "show"), form=form)


@blueprint.post("/<public_id>/identite")
@requires(Capability.PEOPLE_WRITE)
def save_identity(public_id: str) -> ResponseReturnValue:
    """Keep the identity."""
    opened, form = open_to_write(public_id), IdentityForm()
    if not form.validate():
        page = render_template("people/identity.html", **frame(opened, "show"), form=form)
        return page, 422
    files.record_identity(
        db_session(), current_actor(), person=opened.person, identity=form.identity()
    )
    flash(_("C’est enregistré."), "success")
    return go_to(_back(), opened)


def _back() -> str:
    return "leads" if request.args.get("retour") == "pistes" else "show"


@blueprint.get("/<public_id>/projet")
@requires(Capability.PEOPLE_WRITE)
def project(public_id: str) -> ResponseReturnValue:
    """The form of the project, the availability and the mobility."""
    opened, form = open_to_write(public_id), ProjectForm(formdata=None)
    form.fill(opened.person)
    return render_template("people/project.html", **frame(opened, "show"), form=form)


@blueprint.post("/<public_id>/projet")
@requires(Capability.PEOPLE_WRITE)
def save_project(public_id: str) -> ResponseReturnValue:
    """Keep the project."""
    opened, form = open_to_write(public_id), ProjectForm()
    if not form.validate():
        page = render_template("people/project.html", **frame(opened, "show"), form=form)
        return page, 422
    form.apply(opened.person)
    files.record_change(db_session(), current_actor(), person=opened.person, name="project_changed")
    flash(_("C’est enregistré."), "success")
    return go_to("show", opened)


@blueprint.get("/<public_id>/archiver")
@requires(Capability.PEOPLE_WRITE)
def archive(public_id: str) -> ResponseReturnValue:
    """The question before the file closes."""
    opened = open_to_write(public_id)
    form = ArchiveForm(formdata=None)
    return render_template("people/archive.html", **frame(opened, "follow"), form=form)


@blueprint.post("/<public_id>/archiver")
@requires(Capability.PEOPLE_WRITE)
def save_archive(public_id: str) -> ResponseReturnValue:
    """Close the file, unless something still counts on the person."""
    opened, form = open_to_write(public_id), ArchiveForm()
    if form.validate() and (why := why_file_stays_open(db_session(), opened.person)):
        form.form_errors.append(why)
    if form.errors:
        page = render_template("people/archive.html", **frame(opened, "follow"), form=form)
        return page, 422
    files.record_archive(
        db_session(), current_actor(), person=opened.person, reason=form.reason.data
    )
    flash(_("Dossier archivé. Il ne paraît plus dans aucune liste."), "success")
    return redirect(url_for("people.index"), 303)
