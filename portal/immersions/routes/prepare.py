"""Prepare a convention: prefilled, judged while one types and again when it is kept."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.immersions import preparing, recording
from portal.immersions.forms import ImmersionForm
from portal.immersions.judging import Draft, judge
from portal.immersions.preparing import Request
from portal.immersions.queries import Opened
from portal.immersions.recording import NotLegalError
from portal.immersions.routes.door import blueprint, open_immersion
from portal.immersions.states import EDITABLE_STATES
from portal.models import AccessKind, Immersion, ImmersionState
from portal.offers.answers import done, refused
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

_ASKED = ("personne", "entreprise", "offre", "cohorte", "place", "renouvelle")


def _requested() -> Request:
    """What the address asks for; 404 when the person is out of reach."""
    actor = current_actor()
    asked = preparing.read_request(db_session(), actor, request.args) or abort(404)
    log_read(actor, [asked.person.id], AccessKind.LIST, "immersion à préparer")
    return asked


@blueprint.get("/immersions/nouvelle")
@requires(Capability.IMMERSIONS)
def new() -> ResponseReturnValue:
    """The form, with what is known already."""
    asked, form = _requested(), ImmersionForm(formdata=None)
    preparing.prefill(db_session(), form, asked)
    return _page(form, asked)


@blueprint.post("/immersions/nouvelle")
@requires(Capability.IMMERSIONS)
def create() -> ResponseReturnValue:
    """Keep the convention, as the law allows it."""
    asked, form = _requested(), ImmersionForm()
    draft = _validated(form, asked)
    if draft is None:
        return _page(form, asked, status=422)
    try:
        row = recording.record_immersion(db_session(), current_actor(), draft=draft)
    except NotLegalError as error:
        return _page(form, asked, status=422, breaches=error.breaches)
    return _kept(row)


def _kept(row: Immersion) -> ResponseReturnValue:
    ready = row.state is ImmersionState.CHECKED
    text = (
        _("Convention contrôlée\u00a0: toutes les règles sont respectées.")
        if ready
        else _("Brouillon enregistré. Il reste des points à obtenir.")
    )
    return done(text, url_for("immersions.show", public_id=row.public_id))


@blueprint.post("/immersions/verification")
@requires(Capability.IMMERSIONS)
def check() -> ResponseReturnValue:
    """What the law says of the form as it is now; nothing is kept."""
    public_id, form = request.args.get("immersion"), ImmersionForm()
    if public_id is None:
        return _page(form, _requested(), only_rules=True)
    opened = open_immersion(public_id, manage=True)
    return _page(form, _request_of(opened), row=opened.immersion, only_rules=True)


@blueprint.get("/immersions/<public_id>/modifier")
@requires(Capability.IMMERSIONS)
def edit(public_id: str) -> ResponseReturnValue:
    """The form of a convention that nobody has signed."""
    opened = open_immersion(public_id, manage=True)
    if opened.immersion.state not in EDITABLE_STATES:
        return refused(
            _("Cette convention est partie à la signature\u00a0: elle ne change plus."),
            url_for("immersions.show", public_id=public_id),
        )
    form = ImmersionForm(formdata=None)
    preparing.fill_from(form, opened.immersion)
    return _page(form, _request_of(opened), row=opened.immersion)


@blueprint.post("/immersions/<public_id>/modifier")
@requires(Capability.IMMERSIONS)
def save(public_id: str) -> ResponseReturnValue:
    """Keep the changes, judged again."""
    opened, form = open_immersion(public_id, manage=True), ImmersionForm()
    row, asked = opened.immersion, _request_of(opened)
    draft = _validated(form, asked)
    if draft is None:
        return _page(form, asked, status=422, row=row)
    draft.cohort_id = row.cohort_id
    try:
        recording.change_immersion(db_session(), current_actor(), immersion=row, draft=draft)
    except NotLegalError as error:
        return _page(form, asked, status=422, row=row, breaches=error.breaches)
    except IllegalTransitionError as error:
        return refused(error.message, url_for("immersions.show", public_id=public_id))
    return _kept(row)


def _request_of(opened: Opened) -> Request:
    row = opened.immersion
    return Request(row.person, row.establishment, row.occupation, renewed=row.renewal_of)


def _validated(form: ImmersionForm, asked: Request) -> Draft | None:
    """The draft, its firm kept with it, when every field can be read."""
    session = db_session()
    offered = preparing.offered_prescribers(session, form, asked.person)
    form.offer_prescribers(offered)
    valid = form.validate()
    draft = preparing.read_draft(session, form, asked, offered)
    if draft is None or not valid or form.errors:
        return None
    preparing.keep_firm(session, current_actor(), form, draft)
    return draft


def _page(
    form: ImmersionForm,
    asked: Request,
    *,
    status: int = 200,
    row: Immersion | None = None,
    breaches: Any = None,
    only_rules: bool = False,
) -> Response:
    session, actor = db_session(), current_actor()
    offered = preparing.offered_prescribers(session, form, asked.person)
    form.offer_prescribers(offered)
    if form.prescriber.data is None and (
        first := preparing.first_prescriber(asked.person, offered)
    ):
        form.prescriber.data = first.public_id
    if breaches is None:
        draft = preparing.read_draft(session, form, asked, offered)
        breaches = judge(session, draft, own_id=row.id if row else None) if draft else None
        _forget_errors(form, keep=status == 422)
    template = "immersions/_rules.html" if only_rules else "immersions/new.html"
    return page_or_fragment(
        template,
        template,
        status=status,
        form=form,
        person=asked.person,
        asked=asked,
        row=row,
        breaches=breaches,
        refused=status == 422 and bool(breaches),
        arguments={"immersion": row.public_id} if row else _asked_again(),
        routed=actor.organisation.id not in {one.id for one in offered},
    )


def _asked_again() -> dict[str, str]:
    """What the address asked for, to be asked again by what the page sends."""
    return {name: request.args[name] for name in _ASKED if name in request.args}


def _forget_errors(form: ImmersionForm, *, keep: bool) -> None:
    """While one types, or before, nothing is wrong yet: only the rules speak."""
    if not keep:
        for field in form:
            field.errors = []
