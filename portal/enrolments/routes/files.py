"""Positionings as files: towards OUIFORM and back."""

from __future__ import annotations

from flask import Response, render_template
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.enrolments.forms import ImportForm
from portal.enrolments.routes.door import blueprint
from portal.enrolments.transfer import HEADER, REQUIRED, Outcome, export_lines, import_rows
from portal.imports.base import RefusedFileError
from portal.models import AccessKind, AgreementChannel
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/positionnements/export.csv")
@requires(Capability.ENROLMENTS)
def export() -> ResponseReturnValue:
    """One's positionings, without names, for a spreadsheet."""
    lines, people = export_lines(db_session(), current_actor())
    log_read(current_actor(), people, AccessKind.LIST, "export des positionnements")
    name = f"positionnements-{clock.today().isoformat()}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("".join(lines), mimetype="text/csv", headers=headers)


@blueprint.get("/positionnements/import")
@requires(Capability.PEOPLE_WRITE)
def choose_file() -> ResponseReturnValue:
    """Which columns are expected, and the file."""
    return _page(ImportForm(formdata=None))


def _page(form: ImportForm, outcome: Outcome | None = None, status: int = 200) -> Response:
    text = render_template(
        "enrolments/import.html",
        form=form,
        outcome=outcome,
        required=REQUIRED,
        ignored=HEADER[len(REQUIRED) :],
        channels=[channel.value for channel in AgreementChannel],
    )
    return Response(text, status)


@blueprint.post("/positionnements/import")
@requires(Capability.PEOPLE_WRITE)
def import_file() -> ResponseReturnValue:
    """Position the people of a file, and list what could not be."""
    form = ImportForm()
    if not form.validate():
        return _page(form, status=422)
    stored = form.file.data
    try:
        outcome = import_rows(
            db_session(), current_actor(), stored.read(), stored.filename or _("fichier")
        )
    except RefusedFileError as error:
        db_session().rollback()
        form.file.errors = [error.message]
        return _page(form, status=422)
    return _page(ImportForm(formdata=None), outcome)
