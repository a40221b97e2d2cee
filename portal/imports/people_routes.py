"""Import of people: choose the columns, then decide of the look-alikes."""

from __future__ import annotations

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask import render_template as render
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.imports.base import RefusedFileError
from portal.imports.people_columns import FIELDS, guess_columns
from portal.imports.people_duplicates import (
    candidates_query,
    get_candidate,
    record_decision,
    value_of_row,
)
from portal.imports.people_files import sample_of
from portal.imports.people_forms import ColumnsForm, DecisionForm, columns_form
from portal.imports.people_queries import get_remembered_columns
from portal.imports.readers import CsvRow
from portal.imports.running import enqueue_import
from portal.imports.source import Source
from portal.imports.uploads import Upload, forget_upload, get_upload, path_of
from portal.models import ImportKind
from portal.models.journal import AccessKind
from portal.web.guards import current_actor, requires
from portal.web.paging import paginate, requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session
from portal.web.settings import current_settings

blueprint = Blueprint("people_import", __name__, url_prefix="/imports")
PREVIEWED = 2
CANDIDATES_A_PAGE = 20


def _upload(token: str) -> Upload:
    """The file, if it was dropped for the actor's structure."""
    stored = get_upload(current_settings(), token)
    if (
        stored is None
        or stored.kind is not ImportKind.PEOPLE
        or stored.organisation_id != current_actor().organisation.id
    ):
        abort(404)
    return stored


@blueprint.get("/personnes/<token>")
@requires(Capability.IMPORTS)
def columns(token: str) -> ResponseReturnValue:
    """The columns of the file with their first values, and what each is thought to be."""
    return _columns(_upload(token), chosen=False)


@blueprint.post("/personnes/<token>")
@requires(Capability.IMPORTS)
def choose_columns(token: str) -> ResponseReturnValue:
    """Preview the file with the columns chosen."""
    return _columns(_upload(token), chosen=True)


def _columns(stored: Upload, *, chosen: bool) -> ResponseReturnValue:
    source = Source.of(path_of(current_settings(), stored.token), stored.file_name)
    try:
        headings, rows = sample_of(source, PREVIEWED)
    except RefusedFileError as error:
        forget_upload(current_settings(), stored.token)
        return Response(render("imports/people_refused.html", message=error.message), 422)
    form = columns_form(headings, _first_guess(headings))
    if not chosen:
        return _columns_page(stored, form, rows, 200)
    if not form.validate():
        return _columns_page(stored, form, rows, 422)
    options = {"columns": form.columns}
    job = enqueue_import(db_session(), stored, dry_run=True, options=options)
    return redirect(url_for("imports.show_job", public_id=job.public_id))


def _first_guess(headings: list[str]) -> dict[str, str]:
    """What was chosen last time for these headings, completed by their names."""
    remembered = get_remembered_columns(db_session(), current_actor())
    kept = {key: heading for key, heading in remembered.items() if heading in headings}
    left = guess_columns(heading for heading in headings if heading not in kept.values())
    return {**left, **kept}


def _columns_page(stored: Upload, form: ColumnsForm, rows: list[CsvRow], status: int) -> Response:
    page = render("imports/people_columns.html", form=form, rows=rows, upload=stored, fields=FIELDS)
    return Response(page, status)


@blueprint.get("/ressemblances")
@requires(Capability.IMPORTS)
def duplicates() -> ResponseReturnValue:
    """Rows that look like somebody known: the same person, or not?"""
    page = paginate(
        db_session(),
        candidates_query(current_actor()),
        number=requested_page(),
        size=CANDIDATES_A_PAGE,
    )
    people = [row.person_id for row in page.rows]
    log_read(current_actor(), people, AccessKind.LIST, "ressemblances")
    pairs = [(row, value_of_row(row.row)) for row in page.rows]
    return page_or_fragment(
        "imports/people_duplicates.html",
        "imports/_people_duplicates.html",
        page=page,
        pairs=pairs,
        form=DecisionForm(),
    )


@blueprint.post("/ressemblances/<public_id>")
@requires(Capability.IMPORTS)
def decide_duplicate(public_id: str) -> ResponseReturnValue:
    """One person, or two."""
    candidate = get_candidate(db_session(), current_actor(), public_id) or abort(404)
    form = DecisionForm()
    if not form.validate() or form.same.data == form.different.data:
        flash(_("Choisissez une des deux réponses."), "error")
        return redirect(url_for("people_import.duplicates"))
    try:
        record_decision(db_session(), current_actor(), candidate=candidate, same=form.same.data)
        flash(_("C’est noté."), "success")
    except IllegalTransitionError as error:
        flash(error.message, "error")
    return redirect(url_for("people_import.duplicates"))
