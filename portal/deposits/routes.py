"""« Besoins déposés »: what employers wrote, until somebody has called them."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]

from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.deposits import queries, recording
from portal.deposits.forms import DropForm, DropReason, QualifyForm
from portal.models import EmployerNeed, EmployerNeedState, Establishment
from portal.offers.answers import done, found_or_404, refused
from portal.offers.employers import NEW, find_employer
from portal.web.filters import siret_text
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("deposits", __name__, url_prefix="/besoins-deposes")


@blueprint.get("/")
@requires(Capability.OFFERS_WRITE)
def index() -> ResponseReturnValue:
    """Those that wait for a call first."""
    wanted = request.args.get("etat", "")
    known = {state.value: state for state in EmployerNeedState}
    state = known.get(wanted, EmployerNeedState.RECEIVED)
    page = queries.list_needs(db_session(), current_actor(), state, requested_page())
    return page_or_fragment(
        "deposits/index.html",
        "deposits/_list.html",
        page=page,
        state=state,
        views=_views(state),
        reasons=dict(DropReason.choices()),
    )


@blueprint.get("/<public_id>")
@requires(Capability.OFFERS_WRITE)
def show(public_id: str) -> ResponseReturnValue:
    """The need, whom to call, and what to make of it."""
    return _page(_need(public_id), _qualify_form(_need(public_id)), DropForm(formdata=None))


@blueprint.post("/<public_id>/offre")
@requires(Capability.OFFERS_WRITE)
def qualify(public_id: str) -> ResponseReturnValue:
    """Make it a draft offer, and go on in the capture screen."""
    need = _need(public_id)
    form = _qualify_form(need, filled=True)
    establishment = _establishment(need, form)
    if establishment is None:
        return _page(need, form, DropForm(formdata=None)), 422
    back = url_for("deposits.show", public_id=public_id)
    try:
        offer = recording.make_offer(
            db_session(), current_actor(), need=need, establishment=establishment
        )
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(
        _("L’offre est commencée avec ses mots. Complétez-la, puis ouvrez-la."),
        url_for("offers.edit", public_id=offer.public_id),
    )


@blueprint.post("/<public_id>/sans-suite")
@requires(Capability.OFFERS_WRITE)
def drop(public_id: str) -> ResponseReturnValue:
    """Close it, with the reason."""
    need, form = _need(public_id), DropForm()
    if not form.validate():
        return _page(need, _qualify_form(need), form), 422
    try:
        recording.drop(db_session(), current_actor(), need=need, reason=form.reason.data)
    except IllegalTransitionError as error:
        return refused(error.message, url_for("deposits.show", public_id=public_id))
    return done(_("C’est noté\u00a0: sans suite."), url_for("deposits.index"))


def _views(current: EmployerNeedState) -> list[dict[str, object]]:
    return [
        {
            "label": state.label.capitalize(),
            "href": url_for("deposits.index", etat=state.value),
            "current": state is current,
        }
        for state in EmployerNeedState
    ]


def _need(public_id: str) -> EmployerNeed:
    return found_or_404(queries.get_need(db_session(), current_actor(), public_id))


def _page(need: EmployerNeed, form: QualifyForm, drop_form: DropForm) -> str:
    return render_template(
        "deposits/show.html",
        need=need,
        form=form,
        drop_form=drop_form,
        reasons=dict(DropReason.choices()),
        waiting=need.state is EmployerNeedState.RECEIVED,
    )


def _qualify_form(need: EmployerNeed, *, filled: bool = False) -> QualifyForm:
    form = QualifyForm() if filled else QualifyForm(formdata=None)
    if need.establishment is None and not need.siret:
        form.establishment.choices = [
            *(SelectChoice(row.public_id, _told(row)) for row in _alike(need)),
            SelectChoice(
                NEW, _("Une nouvelle entreprise\u00a0: %(name)s", name=need.employer_name)
            ),
        ]
    return form


def _alike(need: EmployerNeed) -> list[Establishment]:
    return queries.look_alikes(db_session(), need)


def _told(row: Establishment) -> str:
    parts = (row.name, row.commune.label if row.commune else "", siret_text(row.siret or ""))
    return " · ".join(part for part in parts if part)


def _establishment(need: EmployerNeed, form: QualifyForm) -> Establishment | None:
    """The one known, or the one chosen; None, with the reason beside the field."""
    if need.establishment is not None:
        return need.establishment
    if need.siret:
        return recording.establishment_of_siret(db_session(), current_actor(), need)
    chosen = form.establishment.data or ("" if _alike(need) else NEW)
    found = find_employer(db_session(), current_actor(), need.employer_name, chosen=chosen)
    if found.row is None:
        form.establishment.errors = [found.problem]
    return found.row
