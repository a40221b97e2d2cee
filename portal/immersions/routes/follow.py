"""Follow immersions: the list, one of them, and its gates."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Response, abort, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal.access.log import log_read
from portal.access.people import PersonAccess, access_to
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.immersions import assessing, judging, queries, recording, rules
from portal.immersions.forms import CancelForm, RefusalForm, SignatureForm
from portal.immersions.queries import Opened
from portal.immersions.routes.door import blueprint, open_immersion
from portal.immersions.states import (
    EDITABLE_STATES,
    IMMERSION_MACHINE,
    SIGNING_STATES,
    reason_label,
)
from portal.models import AccessKind, Cohort, ImmersionState, SignatoryRole
from portal.offers.answers import done, refused
from portal.text import N_
from portal.web.forms import Form
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_S = ImmersionState
_VIEW_LABELS = {
    "open": N_("En cours"),
    "prepare": N_("À préparer"),
    "sign": N_("À signer"),
    "validate": N_("À valider par vous"),
    "current": N_("Prévues et commencées"),
    "assess": N_("Bilan attendu"),
    "ended": N_("Terminées"),
}


@blueprint.get("/immersions")
@requires(Capability.IMMERSIONS)
def index() -> ResponseReturnValue:
    """What the structure prepares, prescribes and follows."""
    actor = current_actor()
    view = request.args.get("vue", "open")
    view = view if view in queries.VIEWS else "open"
    found = queries.list_followed(db_session(), actor, view, requested_page())
    log_read(actor, [row.person_id for row in found.page.rows], AccessKind.LIST, "immersions")
    views = [
        {
            "label": _(_VIEW_LABELS[name]),
            "href": url_for("immersions.index", vue=name),
            "current": name == view,
            "count": found.counts[name],
        }
        for name in queries.VIEWS
    ]
    return page_or_fragment(
        "immersions/index.html", "immersions/_list.html", found=found, views=views, view=view
    )


@blueprint.get("/immersions/<public_id>")
@requires(Capability.IMMERSIONS)
def show(public_id: str) -> ResponseReturnValue:
    """An immersion: what was agreed, where it stands, the next gate."""
    return _page(open_immersion(public_id))


def _page(opened: Opened, *, status: int = 200, **given: Any) -> Response:
    session, actor, row = db_session(), current_actor(), opened.immersion
    editable = row.state in EDITABLE_STATES
    context: dict[str, Any] = {
        "opened": opened,
        "immersion": row,
        "breaches": judging.judge(session, row, own_id=row.id) if editable else [],
        "missing": recording.missing_roles(row) if row.state in SIGNING_STATES else [],
        "can": _allowed(opened),
        "reason": reason_label(row.state, row.end_reason),
        "due": rules.assessment_due(row.end),
        "history": queries.list_history(session, row),
        "state_label": _state_label,
        "cohort": session.get(Cohort, row.cohort_id) if row.cohort_id else None,
        "opens_person": access_to(session, actor, row.person_id) >= PersonAccess.READ,
        "sign_form": _signature_form(opened, formdata=None),
        "refuse_form": RefusalForm(formdata=None, prefix="refus"),
        "cancel_form": CancelForm(formdata=None, prefix="annulation"),
        "failed": None,
    }
    page = render_template("immersions/show.html", **context | given)
    return make_response(page, status)


def _allowed(opened: Opened) -> dict[str, bool]:
    """The gates that this actor may pass now."""
    row, manages = opened.immersion, opened.manages
    decides = opened.prescribes and row.state is _S.IN_VALIDATION
    return {
        "edit": manages and row.state in EDITABLE_STATES,
        "send": manages and row.state is _S.CHECKED,
        "sign": manages and row.state in SIGNING_STATES,
        "decide": decides,
        "assess": manages and assessing.can_assess(row, clock.today()),
        "cancel": manages
        and IMMERSION_MACHINE.allows(row.state, _S.CANCELLED)
        and not recording.has_begun(row, clock.today()),
        "stop": manages and recording.has_begun(row, clock.today()),
        "renew": manages and row.state is _S.CLOSED,
    }


def _state_label(value: str | None) -> str:
    return ImmersionState(value).label if value else ""


def _signature_form(opened: Opened, **arguments: Any) -> SignatureForm:
    form = SignatureForm(prefix="signature", **arguments)
    row = opened.immersion
    form.offer_roles(recording.missing_roles(row))
    if form.signed_on.data is None and "formdata" in arguments:
        form.signed_on.data = clock.today()
    return form


@blueprint.post("/immersions/<public_id>/<action>")
@requires(Capability.IMMERSIONS)
def step(public_id: str, action: str) -> ResponseReturnValue:
    """Pass a gate: send to sign, note a signature, validate, refuse, cancel."""
    take = _STEPS.get(action) or abort(404)
    opened = open_immersion(public_id)
    if not (opened.prescribes if action in _OF_PRESCRIBER else opened.manages):
        abort(403)
    back = url_for("immersions.show", public_id=public_id)
    try:
        said, failed = take(opened)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return _page(opened, status=422, **failed) if failed else done(said, back)


Taken = tuple[str, dict[str, Form]]
"""What to say; or the form that could not be read, under the name the page knows it by."""


def _send(opened: Opened) -> Taken:
    recording.send_to_sign(db_session(), current_actor(), immersion=opened.immersion)
    return _("La convention est prête à signer. Imprimez-la, ou envoyez-la."), {}


def _sign(opened: Opened) -> Taken:
    form = _signature_form(opened)
    if not form.validate() or form.signed_on.data is None:
        return "", {"sign_form": form, "failed": form}
    recording.record_signature(
        db_session(),
        current_actor(),
        immersion=opened.immersion,
        role=SignatoryRole(form.role.data),
        name=(form.name.data or "").strip(),
        method=form.method.chosen,
        signed_on=form.signed_on.data,
    )
    if opened.immersion.state is _S.IN_VALIDATION:
        return _("Toutes les signatures sont là. La demande est chez le prescripteur."), {}
    return _("Signature notée."), {}


def _validate(opened: Opened) -> Taken:
    recording.validate(db_session(), current_actor(), immersion=opened.immersion)
    return _("Immersion validée. La personne peut commencer le jour prévu."), {}


def _refuse(opened: Opened) -> Taken:
    form = RefusalForm(prefix="refus")
    if not form.validate():
        return "", {"refuse_form": form, "failed": form}
    recording.refuse(
        db_session(), current_actor(), immersion=opened.immersion, reason=form.reason.chosen
    )
    return _("Refus noté, avec sa raison."), {}


def _cancel(opened: Opened) -> Taken:
    form = CancelForm(prefix="annulation")
    if not form.validate():
        return "", {"cancel_form": form, "failed": form}
    recording.cancel(
        db_session(), current_actor(), immersion=opened.immersion, reason=form.reason.chosen
    )
    return _("Immersion annulée."), {}


_STEPS: dict[str, Callable[[Opened], Taken]] = {
    "envoyer": _send,
    "signer": _sign,
    "valider": _validate,
    "refuser": _refuse,
    "annuler": _cancel,
}
_OF_PRESCRIBER = frozenset({"valider", "refuser"})
