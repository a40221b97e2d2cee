"""Correcting a session: what it teaches, delivers and asks, its seats."""

from __future__ import annotations

from flask import Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import matchmaking as mm
from portal.access.roles import Capability
from portal.models import RecruitmentState, TrainingSession
from portal.trainings import rules
from portal.trainings.correcting import (
    CorrectionError,
    TooFewSeatsError,
    record_item,
    record_removal,
    record_seats,
)
from portal.trainings.forms import LEVEL_LABELS, ItemForm, SeatsForm
from portal.trainings.queries import get_correctable
from portal.trainings.routes import blueprint
from portal.web.guards import current_actor, requires
from portal.web.rendering import announce, page_or_fragment, wants_fragment
from portal.web.session import db_session


def _row(public_id: str) -> TrainingSession:
    """The session, if the actor may correct it; another's is not found."""
    return get_correctable(db_session(), current_actor(), public_id) or abort(404)


@blueprint.get("/<public_id>/corriger")
@requires(Capability.CATALOGUE_WRITE)
def correct(public_id: str) -> ResponseReturnValue:
    """The forms, and what the words typed may mean."""
    return _page(_row(public_id))


def _page(
    row: TrainingSession,
    *,
    seats_form: SeatsForm | None = None,
    item_form: ItemForm | None = None,
    status: int = 200,
) -> Response:
    text = request.values.get("texte", "").strip()[:120]
    return page_or_fragment(
        "trainings/correct.html",
        "trainings/_correct.html",
        status=status,
        row=row,
        text=text,
        found=mm.resolve_skills(db_session(), text) if text else [],
        seats_form=seats_form or SeatsForm(None, obj=row, data={"recruitment": row.recruitment}),
        item_form=item_form or ItemForm(None),
        levels=LEVEL_LABELS,
        rules=rules,
    )


@blueprint.post("/<public_id>/corriger/places")
@requires(Capability.CATALOGUE_WRITE)
def correct_seats(public_id: str) -> ResponseReturnValue:
    """Set the seats and the state of recruitment."""
    row, form = _row(public_id), SeatsForm()
    if not form.validate():
        return _page(row, seats_form=form, status=422)
    try:
        record_seats(
            db_session(),
            current_actor(),
            row=row,
            recruitment=RecruitmentState(form.recruitment.data),
            seats=form.seats.data,
            seats_left=form.seats_left.data,
        )
    except TooFewSeatsError as refusal:
        form.seats.errors = [_said(refusal)]
        return _page(row, seats_form=form, status=422)
    return _done(row, _("Places enregistrées."))


@blueprint.post("/<public_id>/corriger/ajout")
@requires(Capability.CATALOGUE_WRITE)
def correct_item(public_id: str) -> ResponseReturnValue:
    """Add an item, or change its level."""
    row, form = _row(public_id), ItemForm()
    if not form.validate():
        return _page(row, item_form=form, status=422)
    taken = rules.Taken(form.taken.data)
    try:
        label = record_item(
            db_session(),
            current_actor(),
            row=row,
            taken=taken,
            kind=form.kind,
            code=form.code,
            level=form.chosen_level,
        )
    except CorrectionError:
        form.taken.errors = [_refusal(form, taken)]
        return _page(row, item_form=form, status=422)
    return _done(row, _("« %(label)s » est enregistré.", label=label))


def _said(refusal: TooFewSeatsError) -> str:
    return str(
        ngettext(
            "%(num)d place est déjà donnée à une personne\u00a0: comptez-la,"
            " avec les places libres.",
            "%(num)d places sont déjà données à des personnes\u00a0: comptez-les,"
            " avec les places libres.",
            refusal.taken,
        )
    )


def _refusal(form: ItemForm, taken: rules.Taken) -> str:
    if form.kind == "skill" and taken is rules.Taken.DELIVERED:
        return str(_("Une compétence s’enseigne ou se demande. Seule une habilitation se délivre."))
    if form.kind == "credential" and taken is rules.Taken.TAUGHT:
        return str(_("Une habilitation se délivre ou se demande. Seule une compétence s’enseigne."))
    return str(_("Choisissez dans la liste proposée, avec un niveau."))


@blueprint.post("/<public_id>/corriger/retrait")
@requires(Capability.CATALOGUE_WRITE)
def correct_removal(public_id: str) -> ResponseReturnValue:
    """Take an item away."""
    row = _row(public_id)
    taken, code = request.form.get("taken", ""), request.form.get("code", "")
    try:
        record_removal(db_session(), current_actor(), row=row, taken=rules.Taken(taken), code=code)
    except ValueError:
        abort(400)
    return _done(row, _("C’est retiré."))


def _done(row: TrainingSession, message: str) -> ResponseReturnValue:
    if wants_fragment():
        return announce(_page(row), message)
    flash(message, "success")
    return redirect(url_for("trainings.correct", public_id=row.public_id), 303)
