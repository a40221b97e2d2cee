"""During and after the training: presence week by week, absences, results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import attending, queries
from portal.enrolments.forms import form_for
from portal.enrolments.routes.door import blueprint, href, opened
from portal.enrolments.routes.moves import page_of
from portal.enrolments.rules import Side
from portal.models import Enrollment
from portal.offers.answers import done, refused
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


def _given(public_id: str) -> Enrollment:
    """A positioning whose presence and results the actor may say; else 404."""
    row = opened(public_id)
    if Side.ORGANISER not in queries.sides_of(db_session(), current_actor(), row.session):
        abort(404)
    return row


def _answer(
    row: Enrollment, action: str, record: Callable[[Any], str | None]
) -> ResponseReturnValue:
    """Validate the form of an action, record it, and say what was done."""
    form = form_for(action)
    if not form.validate():
        return page_of(row, failed=form, action=action)
    try:
        said = record(form)
    except IllegalTransitionError as error:
        return refused(error.message, href(row))
    return done(said, href(row))


@blueprint.post("/positionnements/<public_id>/semaine")
@requires(Capability.ENROLMENTS)
def week(public_id: str) -> ResponseReturnValue:
    """Keep a week of presence."""
    row = _given(public_id)

    def record(form: Any) -> str:
        week = attending.Week(
            form.monday.data, form.due.data, form.attended.data, form.unexplained.data
        )
        attending.record_week(db_session(), current_actor(), enrolment=row, week=week)
        return str(_("Semaine enregistrée."))

    return _answer(row, "semaine", record)


@blueprint.post("/positionnements/<public_id>/absences-vues")
@requires(Capability.PEOPLE_WRITE)
def absences_seen(public_id: str) -> ResponseReturnValue:
    """« J’en ai parlé avec la personne »."""
    row = opened(public_id)
    attending.record_absences_seen(db_session(), current_actor(), enrolment=row)
    return done(_("Noté. L’alerte reviendra s’il y a deux nouvelles absences."), href(row))


@blueprint.post("/positionnements/<public_id>/bloc")
@requires(Capability.ENROLMENTS)
def block(public_id: str) -> ResponseReturnValue:
    """Keep the result of a block."""
    row = _given(public_id)

    def record(form: Any) -> str:
        attending.record_block(
            db_session(),
            current_actor(),
            enrolment=row,
            block=form.block.data,
            obtained=form.obtained.data == "oui",
            on=form.on.data,
        )
        return str(_("Résultat enregistré."))

    return _answer(row, "bloc", record)


@blueprint.post("/positionnements/<public_id>/evaluation")
@requires(Capability.ENROLMENTS)
def assess(public_id: str) -> ResponseReturnValue:
    """Keep what the trainers saw; a skill left blank stays as it was."""
    row = _given(public_id)

    def record(form: Any) -> str:
        levels = {
            name.removeprefix("niveau-"): int(value)
            for name, value in request.form.items()
            if name.startswith("niveau-") and value in {"0", "1", "2", "3"}
        }
        count = attending.record_assessed(
            db_session(), current_actor(), enrolment=row, levels=levels, on=form.on.data
        )
        return str(
            ngettext(
                "%(num)d compétence évaluée : elle paraît dans le dossier de la personne.",
                "%(num)d compétences évaluées : elles paraissent dans le dossier de la personne.",
                count,
            )
        )

    return _answer(row, "evaluation", record)


@blueprint.post("/positionnements/<public_id>/certification")
@requires(Capability.ENROLMENTS)
def certify(public_id: str) -> ResponseReturnValue:
    """The whole certification is obtained: its skills and licences are the person's."""
    row = _given(public_id)

    def record(form: Any) -> str:
        attending.record_certified(db_session(), current_actor(), enrolment=row, on=form.on.data)
        return str(_("Certification enregistrée dans le dossier de la personne."))

    return _answer(row, "certification", record)
