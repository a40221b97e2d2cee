"""Suivi: contacts, who follows, sharing, statuses, barriers, functional limits."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.models import RESTRICTED_STATUSES, AgreementChannel, Barrier, PersonStatus, StatusCode
from portal.people.forms import follow as forms
from portal.people.forms.fields import choice, choices_of, strip
from portal.people.queries import follow as queries
from portal.people.queries.counting import record_sex
from portal.people.queries.files import Opened
from portal.people.routes.door import blueprint, go_to, open_file, open_to_write, render_file
from portal.people.rules import next_barrier_states
from portal.web.guards import current_actor, requires
from portal.web.session import db_session


@blueprint.get("/<public_id>/suivi")
@requires(Capability.PEOPLE_READ)
def follow(public_id: str) -> ResponseReturnValue:
    """Contacts, barriers, who follows, sharing."""
    return _page(open_file(public_id))


def _page(opened: Opened, *, status: int = 200, **given: Any) -> Response:
    session, person, rights = db_session(), opened.person, opened.rights
    context: dict[str, Any] = {
        "contacts": queries.list_contacts(session, person),
        "barriers": queries.list_barriers(session, person),
        "next_states": next_barrier_states,
        "channels": dict(AgreementChannel.choices()),
        "contact_form": _contact_form(),
        "barrier_form": forms.BarrierForm(formdata=None, prefix="barrier"),
        "hand_over_form": _hand_over_form(opened, formdata=None),
        "sharing_form": forms.SharingForm(formdata=None, prefix="sharing"),
        "limits_form": _limits_form(opened) if rights.keeps_limits else None,
    }
    return render_file("follow.html", opened, "follow", status=status, **context | given)


def _contact_form() -> forms.ContactForm:
    form = forms.ContactForm(formdata=None, prefix="contact")
    form.on.data = clock.today()
    return form


@blueprint.post("/<public_id>/contacts")
@requires(Capability.PEOPLE_WRITE)
def add_contact(public_id: str) -> ResponseReturnValue:
    """A two-way contact."""
    opened, form = open_to_write(public_id), forms.ContactForm(prefix="contact")
    if not form.validate() or form.on.data is None:
        return _page(opened, status=422, contact_form=form)
    queries.record_contact(
        db_session(),
        current_actor(),
        person=opened.person,
        on=form.on.data,
        channel=form.channel.chosen,
        note=strip(form.note.data),
    )
    flash(_("Contact enregistré."), "success")
    return go_to("follow", opened)


def _hand_over_form(opened: Opened, **arguments: Any) -> forms.HandOverForm:
    form = forms.HandOverForm(prefix="relais", **arguments)
    lead = opened.lead
    form.to.choices = [choice("", _("Choisir"))] + [
        choice(row.public_id, f"{row.account.full_name}, {row.organisation.name}")
        for row in queries.list_colleagues(db_session(), current_actor())
        if lead is None or row.account_id != lead.account_id
    ]
    return form


@blueprint.post("/<public_id>/relais")
@requires(Capability.PEOPLE_WRITE)
def hand_over(public_id: str) -> ResponseReturnValue:
    """A colleague leads from today."""
    opened = open_to_write(public_id)
    form = _hand_over_form(opened)
    if not form.validate():
        return _page(opened, status=422, hand_over_form=form)
    session, actor = db_session(), current_actor()
    to = next(m for m in queries.list_colleagues(session, actor) if m.public_id == form.to.data)
    try:
        queries.record_hand_over(session, actor, opened=opened, to=to, note=form.note.data or "")
    except (queries.AlreadyLedError, IntegrityError):
        session.rollback()
        abort(409)
    flash(_("%(name)s prend le relais.", name=to.account.full_name), "success")
    return _after_hand_over(opened, stays=to.organisation_id == actor.organisation.id)


def _after_hand_over(opened: Opened, *, stays: bool) -> ResponseReturnValue:
    if stays:
        return go_to("follow", opened)
    return redirect(url_for("people.index"), 303)


@blueprint.post("/<public_id>/partage")
@requires(Capability.PEOPLE_WRITE)
def share(public_id: str) -> ResponseReturnValue:
    """The person agrees that the card is shared in the département."""
    opened, form = open_to_write(public_id), forms.SharingForm(prefix="sharing")
    if not form.validate():
        return _page(opened, status=422, sharing_form=form)
    queries.record_sharing(
        db_session(), current_actor(), person=opened.person, channel=form.channel.chosen
    )
    flash(_("Accord enregistré. La carte est partagée dans le département."), "success")
    return go_to("follow", opened, _anchor="partage")


@blueprint.post("/<public_id>/partage/retrait")
@requires(Capability.PEOPLE_WRITE)
def stop_sharing(public_id: str) -> ResponseReturnValue:
    """The person takes the agreement back."""
    opened = open_to_write(public_id)
    queries.record_sharing(db_session(), current_actor(), person=opened.person, channel=None)
    flash(_("Accord retiré. La carte n’est plus partagée."), "success")
    return go_to("follow", opened, _anchor="partage")


def _open_for_statuses(public_id: str) -> Opened:
    opened = open_to_write(public_id)
    if not opened.rights.keeps_statuses:
        abort(403)
    return opened


@blueprint.get("/<public_id>/statuts")
@requires(Capability.PEOPLE_WRITE)
def statuses(public_id: str) -> ResponseReturnValue:
    """The statuses, dated and sourced."""
    opened = _open_for_statuses(public_id)
    return _statuses_page(opened, _status_form(opened, formdata=None))


def _status_form(opened: Opened, **arguments: Any) -> forms.StatusForm:
    form = forms.StatusForm(**arguments)
    hidden = frozenset() if opened.rights.reads_restricted else RESTRICTED_STATUSES
    codes = [code for code in StatusCode if code not in hidden]
    form.code.choices = [choice("", _("Choisir")), *choices_of(codes)]
    return form


def _statuses_page(
    opened: Opened, form: forms.StatusForm, end_form: forms.StatusEndForm | None = None
) -> Response:
    failed = bool(form.errors or (end_form and end_form.errors))
    return render_file(
        "statuses.html",
        opened,
        "follow",
        status=422 if failed else 200,
        form=form,
        end_form=end_form,
        today=clock.today(),
    )


@blueprint.post("/<public_id>/statuts")
@requires(Capability.PEOPLE_WRITE)
def add_status(public_id: str) -> ResponseReturnValue:
    """A new status; the ones before stay as they were."""
    opened = _open_for_statuses(public_id)
    form = _status_form(opened)
    if not form.validate() or form.start.data is None or _already_said(opened, form):
        return _statuses_page(opened, form)
    queries.record_status(
        db_session(),
        current_actor(),
        person=opened.person,
        code=form.code.chosen,
        start=form.start.data,
        source=form.source.chosen,
        evidence_date=form.evidence_date.data,
    )
    flash(_("Statut enregistré."), "success")
    return go_to("statuses", opened)


def _already_said(opened: Opened, form: forms.StatusForm) -> bool:
    """Whether this status is under way, or began that very day (the database refuses two)."""
    assert form.start.data is not None
    same = [s for s in opened.person.statuses if s.code is form.code.chosen]
    if any(s.start == form.start.data for s in same):
        form.start.errors = [_("Ce statut est déjà enregistré à cette date.")]
    elif any(s.end is None for s in same):
        form.code.errors = [_("Ce statut est déjà en cours\u00a0: terminez-le d’abord.")]
    return bool(form.errors)


@blueprint.post("/<public_id>/statuts/fin")
@requires(Capability.PEOPLE_WRITE)
def end_status(public_id: str) -> ResponseReturnValue:
    """When a status ended."""
    opened, form = _open_for_statuses(public_id), forms.StatusEndForm(prefix="fin")
    status = _posted_status(opened, form)
    if form.validate() and form.end.data and form.end.data < status.start:
        form.end.errors = [_("La fin est avant le début.")]
    if form.errors or form.end.data is None:
        return _statuses_page(opened, _status_form(opened, formdata=None), form)
    queries.record_status_end(db_session(), current_actor(), status=status, end=form.end.data)
    flash(_("Fin enregistrée."), "success")
    return go_to("statuses", opened)


def _posted_status(opened: Opened, form: forms.StatusEndForm) -> PersonStatus:
    """The status under way that the form names, among those that may be seen; 404 otherwise."""
    named = (form.code.data, form.start.data)
    for status in opened.statuses:
        if status.end is None and (status.code.value, status.start.isoformat()) == named:
            break
    else:
        abort(404)
    return status


def _open_for_barriers(public_id: str) -> Opened:
    opened = open_to_write(public_id)
    if not opened.rights.keeps_barriers:
        abort(403)
    return opened


def _barrier(opened: Opened, barrier_id: str) -> Barrier:
    barrier = queries.get_barrier(db_session(), opened.person, barrier_id)
    if barrier is None:
        abort(404)
    return barrier


@blueprint.post("/<public_id>/freins")
@requires(Capability.PEOPLE_WRITE)
def add_barrier(public_id: str) -> ResponseReturnValue:
    """A theme to work on; each theme is there once."""
    opened, form = _open_for_barriers(public_id), forms.BarrierForm(prefix="barrier")
    known = {b.theme for b in queries.list_barriers(db_session(), opened.person)}
    if form.validate() and form.theme.chosen in known:
        form.theme.errors = [_("Ce frein est déjà dans la liste\u00a0: faites-le avancer.")]
    if form.errors:
        return _page(opened, status=422, barrier_form=form)
    queries.record_barrier(
        db_session(),
        current_actor(),
        person=opened.person,
        theme=form.theme.chosen,
        work=form.work(),
    )
    flash(_("Frein enregistré."), "success")
    return go_to("follow", opened, _anchor="freins")


@blueprint.get("/<public_id>/freins/<barrier_id>")
@requires(Capability.PEOPLE_WRITE)
def barrier(public_id: str, barrier_id: str) -> ResponseReturnValue:
    """Who acts on a barrier, and by when."""
    opened = _open_for_barriers(public_id)
    row = _barrier(opened, barrier_id)
    form = forms.BarrierWorkForm(formdata=None, obj=row)
    form.impact.data = row.impact.value
    return render_file("barrier.html", opened, "follow", barrier=row, form=form)


@blueprint.post("/<public_id>/freins/<barrier_id>")
@requires(Capability.PEOPLE_WRITE)
def save_barrier(public_id: str, barrier_id: str) -> ResponseReturnValue:
    """Keep who acts and by when."""
    opened, form = _open_for_barriers(public_id), forms.BarrierWorkForm()
    row = _barrier(opened, barrier_id)
    if not form.validate():
        return render_file("barrier.html", opened, "follow", status=422, barrier=row, form=form)
    queries.record_barrier_work(db_session(), current_actor(), barrier=row, work=form.work())
    flash(_("C’est enregistré."), "success")
    return go_to("follow", opened, _anchor="freins")


@blueprint.post("/<public_id>/freins/<barrier_id>/etat")
@requires(Capability.PEOPLE_WRITE)
def move_barrier(public_id: str, barrier_id: str) -> ResponseReturnValue:
    """Where the work on a barrier goes."""
    opened, form = _open_for_barriers(public_id), forms.BarrierStateForm()
    row, target = _barrier(opened, barrier_id), form.target
    if target is None:
        abort(400)
    try:
        queries.record_barrier_state(db_session(), current_actor(), barrier=row, target=target)
    except IllegalTransitionError as error:
        flash(error.message, "error")
        return _page(opened, status=422)
    flash(_("Le frein « %(theme)s » est %(state)s.", theme=row.theme.label, state=target.label))
    return go_to("follow", opened, _anchor="freins")


def _limits_form(opened: Opened) -> forms.LimitsForm:
    form = forms.LimitsForm(formdata=None, prefix="limits")
    row = queries.get_limits(db_session(), opened.person)
    if row is not None:
        form.limits.data, form.accommodation.data = row.functional_limits, row.accommodation
        form.sex.data = row.sex_for_counts.value if row.sex_for_counts else ""
    return form


@blueprint.post("/<public_id>/amenagements")
@requires(Capability.PEOPLE_WRITE)
def save_limits(public_id: str) -> ResponseReturnValue:
    """Functional words, by the référent who leads."""
    opened, form = open_to_write(public_id), forms.LimitsForm(prefix="limits")
    if not opened.rights.keeps_limits:
        abort(403)
    if not form.validate():
        return _page(opened, status=422, limits_form=form)
    queries.record_limits(
        db_session(),
        current_actor(),
        person=opened.person,
        limits=strip(form.limits.data),
        accommodation=strip(form.accommodation.data),
    )
    record_sex(db_session(), person=opened.person, sex=form.sex.chosen)
    flash(_("C’est enregistré."), "success")
    return go_to("follow", opened, _anchor="amenagements")
