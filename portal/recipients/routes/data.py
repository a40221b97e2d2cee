"""« Mes données »: read, correct, refuse, see who looked, take a copy (RGPD articles 15, 16, 21).

A link alone opens none of these pages: the person, or a professional beside them, confirms first.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale
from flask_babel import gettext as _

from portal.recipients import copying, correcting, looking, my_data
from portal.recipients.blueprint import blueprint
from portal.recipients.correcting_forms import OWN_FORMS, CorrectionForm
from portal.recipients.frame import visitor_seen
from portal.recipients.my_data import THEMES, Theme
from portal.recipients.saying_dates import day_with_year
from portal.web.doorstep import PersonVisitor, leave
from portal.web.guards import current_person, person_door
from portal.web.language import DEFAULT
from portal.web.paging import requested_page
from portal.web.session import db_session


def confirmed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Send a visit that a link alone opened to the six-digit code."""

    @wraps(view)
    def check(**arguments: Any) -> ResponseReturnValue:
        if not current_person().confirmed:
            # What was posted is not posted again: one comes back to the page of the data.
            here = request.path if request.method == "GET" else url_for("recipients.data")
            return redirect(url_for("doorstep.confirm", suite=here))
        response = make_response(view(visitor_seen(), **arguments))
        response.headers["Cache-Control"] = "no-store"
        return response

    return check


@blueprint.get("/donnees")
@person_door
@confirmed
def data(visitor: PersonVisitor) -> ResponseReturnValue:
    """The themes, and what the person may do."""
    shown = [theme for theme in THEMES.values() if not theme.private]
    copied = my_data.may_take_copy(visitor.person, visitor.helper)
    return render_template(
        "recipients/data.html", themes=shown, person=visitor.person, copied=copied
    )


@blueprint.get("/donnees/theme/<slug>")
@person_door
@confirmed
def data_theme(visitor: PersonVisitor, slug: str) -> ResponseReturnValue:
    """One theme: each fact with who told it and when."""
    theme = _theme(slug)
    facts = my_data.facts_of(db_session(), visitor.person, theme, visitor.helper)
    return render_template(
        "recipients/data_theme.html", theme=theme, facts=facts, day=day_with_year
    )


@blueprint.get("/donnees/dossier")
@person_door
@confirmed
def data_private(_visitor: PersonVisitor) -> ResponseReturnValue:
    """Before what others should not read over a shoulder."""
    return render_template("recipients/data_private.html")


@blueprint.route("/donnees/changer/<name>", methods=["GET", "POST"])
@person_door
@confirmed
def change_data(visitor: PersonVisitor, name: str) -> ResponseReturnValue:
    """Simple facts, changed at once."""
    form = OWN_FORMS[name]() if name in OWN_FORMS else abort(404)
    theme = next(theme for theme in THEMES.values() if theme.form == name)
    if request.method == "GET":
        form.fill(visitor.person)
    elif form.validate():
        correcting.record_own_change(db_session(), visitor, **form.values())
        flash(_("C’est noté."))
        return redirect(url_for("recipients.data_theme", slug=theme.slug))
    status = 422 if form.errors else 200
    return render_template("recipients/data_change.html", form=form, theme=theme, name=name), status


@blueprint.route("/donnees/corriger/<slug>", methods=["GET", "POST"])
@person_door
@confirmed
def correct_data(visitor: PersonVisitor, slug: str) -> ResponseReturnValue:
    """Ask somebody to correct what they recorded."""
    theme, form = _theme(slug), CorrectionForm()
    if request.method == "POST" and form.validate():
        text = form.text.data or ""
        asked = correcting.record_correction(db_session(), visitor, theme=theme.title, text=text)
        told = _("C’est noté. Une personne vous répond en cinq jours.")
        flash(told if asked else _("Personne ne vous suit. Appelez votre mairie."))
        return redirect(url_for("recipients.data_theme", slug=slug))
    status = 422 if form.errors else 200
    return render_template("recipients/data_correct.html", form=form, theme=theme), status


@blueprint.route("/donnees/employeurs", methods=["GET", "POST"])
@person_door
@confirmed
def data_employers(visitor: PersonVisitor) -> ResponseReturnValue:
    """« Je refuse que les employeurs voient mes informations », and the contrary."""
    if request.method == "GET":
        refused = visitor.person.employers_refused_at
        return render_template("recipients/data_employers.html", refused=refused)
    # Nothing but a clear « oui » gives a card back to employers.
    refuse = {"refuse": True, "allow": False}.get(request.form.get("choice", ""))
    if refuse is None:
        abort(400)
    correcting.record_employers_refused(db_session(), visitor, refused=refuse)
    refused_text = _("C’est noté. Les employeurs ne voient plus rien.")
    flash(refused_text if refuse else _("C’est noté. Rien ne part sans votre oui."))
    return redirect(url_for("recipients.data"))


@blueprint.get("/donnees/regards")
@person_door
@confirmed
def data_looks(visitor: PersonVisitor) -> ResponseReturnValue:
    """« Qui a regardé ? »"""
    page, days = looking.list_looks(db_session(), visitor.person, number=requested_page())
    return render_template("recipients/data_looks.html", page=page, days=days, day=day_with_year)


@blueprint.route("/donnees/acces", methods=["GET", "POST"])
@person_door
@confirmed
def data_visits(visitor: PersonVisitor) -> ResponseReturnValue:
    """« Mes accès », and closing them all."""
    if request.method == "POST":
        correcting.record_all_closed(db_session(), visitor)
        leave(db_session())
        return redirect(url_for("doorstep.enter_person"))
    visits = looking.list_visits(db_session(), visitor.person)
    here = visitor.row.id
    return render_template("recipients/data_visits.html", visits=visits, here=here)


@blueprint.get("/donnees/copie")
@person_door
@confirmed
def data_copy(visitor: PersonVisitor) -> ResponseReturnValue:
    """Which copy to take."""
    _check_copy(visitor)
    return render_template("recipients/data_copy.html")


@blueprint.post("/donnees/copie")
@person_door
@confirmed
def take_copy(visitor: PersonVisitor) -> ResponseReturnValue:
    """The whole copy: a file for machines, or a page to print. Taking it is logged."""
    _check_copy(visitor)
    session = db_session()
    copy = copying.build_copy(session, visitor.person)
    copying.record_copy(session, visitor)
    if request.form.get("kind") == "file":
        response = Response(copying.as_json(copy), mimetype="application/json")
        response.headers["Content-Disposition"] = 'attachment; filename="mes-donnees.json"'
        return response
    with force_locale(DEFAULT):
        return render_template("recipients/data_print.html", copy=copy)


def _check_copy(visitor: PersonVisitor) -> None:
    """The copy holds what the professional beside may not read: the person takes it alone."""
    if not my_data.may_take_copy(visitor.person, visitor.helper):
        abort(403)


def _theme(slug: str) -> Theme:
    return THEMES.get(slug) or abort(404)
