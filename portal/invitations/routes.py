"""What people are invited to, for those who invite them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal.access.log import log_read, log_refusal
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.invitations import answering, inviting, moving, queries, views
from portal.invitations.forms import CancelForm, InvitationForm, PhoneAnswerForm
from portal.invitations.rules import Choice, has_hour
from portal.models import AccessKind, AnswerChannel, Invitation, Person
from portal.offers.answers import done, refused
from portal.text import N_
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.paths import local_path
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session

blueprint = Blueprint("invitations", __name__, url_prefix="/invitations")

_VIEWS = {
    "coming": ("a-venir", N_("À venir")),
    "unanswered": ("sans-reponse", N_("Sans réponse")),
    "to_close": ("a-clore", N_("Passées, à clore")),
    "past": ("passees", N_("Terminées")),
}
_CHOICES: dict[str, Choice] = {"yes": "yes", "no": "no", "call_me": "call_me"}


@blueprint.get("")
@requires(Capability.INVITATIONS)
def index() -> ResponseReturnValue:
    """The invitations of my structure, or mine."""
    asked = request.args.get("vue")
    view = next((name for name, (slug, _label) in _VIEWS.items() if slug == asked), "coming")
    mine = request.args.get("qui") == "moi"
    found = queries.list_invitations(
        db_session(), current_actor(), view=view, mine=mine, number=requested_page()
    )
    log_read(
        current_actor(), [row.person_id for row in found.page.rows], AccessKind.LIST, "invitations"
    )
    context = _list_context(found, view, mine)
    return page_or_fragment("invitations/index.html", "invitations/_list.html", **context)


@blueprint.post("/choisir")
@requires(Capability.PEOPLE_WRITE)
def choose() -> ResponseReturnValue:
    """From a list where people are ticked to what they are invited to."""
    ticked = request.form.getlist("person")
    back = local_path(request.form.get("suite"), url_for("people.index"))
    if not ticked:
        return refused(_("Cochez d’abord les personnes à inviter."), back)
    if len(ticked) > queries.LARGEST_BATCH:
        return refused(
            _("Invitez %(most)s personnes à la fois, au plus.", most=queries.LARGEST_BATCH), back
        )
    people = queries.list_people(db_session(), current_actor(), ticked)
    if not people:
        return refused(
            _("Ces personnes sont suivies ailleurs\u00a0: leur référent les invite."), back
        )
    elsewhere = len(set(ticked)) - len(people)
    if elsewhere:
        flash(
            ngettext(
                "%(num)d personne cochée est suivie ailleurs\u00a0: son référent l’invite.",
                "%(num)d personnes cochées sont suivies ailleurs\u00a0: leur référent les invite.",
                elsewhere,
            ),
            "info",
        )
    names = [person.public_id for person in people]
    return redirect(url_for("invitations.new", personne=names), 303)


@blueprint.get("/nouvelle")
@requires(Capability.PEOPLE_WRITE)
def new() -> ResponseReturnValue:
    """Invite the people ticked."""
    people = _people(request.args.getlist("personne"))
    return _new_page(people, InvitationForm(formdata=None))


@blueprint.post("/nouvelle")
@requires(Capability.PEOPLE_WRITE)
def create() -> ResponseReturnValue:
    """Look at the message, or send it."""
    people, form = _people(request.form.getlist("personne")), InvitationForm()
    if not form.validate():
        return _new_page(people, form, status=422)
    if request.form.get("action") != "send":
        return _new_page(people, form, preview=True)
    rows = inviting.record_invitations(
        db_session(), current_actor(), people=people, proposal=form.proposal
    )
    text = ngettext("%(num)d personne invitée.", "%(num)d personnes invitées.", len(rows))
    if len(rows) == 1:
        return done(text, url_for("invitations.show", public_id=rows[0].public_id))
    return done(text, url_for("invitations.index"))


@blueprint.get("/<public_id>")
@requires(Capability.INVITATIONS)
def show(public_id: str) -> ResponseReturnValue:
    """One invitation: what, where it stands, what was written, what may be done."""
    return render_template("invitations/show.html", **_show_context(_opened(public_id)))


@blueprint.post("/<public_id>/presence")
@requires(Capability.INVITATIONS)
def mark(public_id: str) -> ResponseReturnValue:
    """Came, or did not."""
    row = _opened(public_id, write=True)
    came = {"yes": True, "no": False}.get(request.form.get("came", ""))
    if row.booking_id is not None:
        return _hub_says(row)
    if came is None:
        return refused(_("Dites si la personne est venue."), _page_of(row))
    change = lambda: inviting.mark(db_session(), current_actor(), invitation=row, came=came)  # noqa: E731
    return _do(row, change, _("Présence notée."))


@blueprint.post("/<public_id>/annuler")
@requires(Capability.INVITATIONS)
def cancel(public_id: str) -> ResponseReturnValue:
    """It does not take place: the person is told."""
    row, form = _opened(public_id, write=True), CancelForm()
    if row.booking_id is not None:
        return _hub_says(row)
    if not form.validate():
        return render_template("invitations/show.html", **_show_context(row, cancel=form)), 422
    return _do(
        row,
        lambda: inviting.cancel(
            db_session(), current_actor(), invitation=row, reason=form.reason.data
        ),
        _("Annulé. La personne est prévenue."),
    )


@blueprint.post("/<public_id>/reponse")
@requires(Capability.INVITATIONS)
def answer(public_id: str) -> ResponseReturnValue:
    """What the person said on the phone."""
    row, form = _opened(public_id, write=True), PhoneAnswerForm()
    if not form.validate():
        return render_template("invitations/show.html", **_show_context(row, answer=form)), 422
    return _do(
        row,
        lambda: answering.answer(
            db_session(),
            invitation=row,
            choice=_CHOICES[form.answer.data],
            channel=AnswerChannel.PHONE,
            actor=current_actor(),
        ),
        _("Réponse notée."),
    )


@blueprint.post("/<public_id>/autre-date")
@requires(Capability.INVITATIONS)
def move(public_id: str) -> ResponseReturnValue:
    """The other date that the person chose on the phone."""
    row = _opened(public_id, write=True)
    return _do(
        row,
        lambda: moving.move(
            db_session(),
            invitation=row,
            key=request.form.get("slot", ""),
            channel=AnswerChannel.PHONE,
            actor=current_actor(),
        ),
        _("Autre date notée. La personne est prévenue."),
    )


def _opened(public_id: str, *, write: bool = False) -> Invitation:
    """An invitation the actor may see; another's does not exist, and the refusal is logged."""
    session, actor = db_session(), current_actor()
    row = queries.get_invitation(session, actor, public_id)
    if row is None or (write and not queries.may_write(session, actor, row)):
        known = row or queries.find_unscoped(session, public_id)
        log_refusal(actor, known.person_id if known else None, f"invitation {public_id}")
        abort(404)
    log_read(actor, [row.person_id], AccessKind.FILE, f"invitation {public_id}")
    return row


def _people(public_ids: list[str]) -> list[Person]:
    """Those ticked that the actor may invite; none: not found."""
    actor = current_actor()
    people = queries.list_people(db_session(), actor, public_ids)
    if not people:
        log_refusal(actor, None, "invitation")
        abort(404)
    log_read(actor, [person.id for person in people], AccessKind.LIST, "inviter")
    return people


def _do(row: Invitation, change: Callable[[], None], message: str) -> ResponseReturnValue:
    try:
        change()
    except IllegalTransitionError as error:
        return refused(error.message, _page_of(row))
    return done(message, _page_of(row))


def _hub_says(row: Invitation) -> ResponseReturnValue:
    """A hub's meeting is one for everybody: its page says who came."""
    return refused(_("C’est la réunion d’un Hub : les présences s’y notent."), _page_of(row))


def _page_of(row: Invitation) -> str:
    return url_for("invitations.show", public_id=row.public_id)


def _new_page(
    people: list[Person], form: InvitationForm, *, preview: bool = False, status: int = 200
) -> ResponseReturnValue:
    shown = None
    if preview:
        commune = form.commune.commune
        shown = views.preview_of(current_actor(), people, form.proposal, commune)
    page = render_template("invitations/new.html", people=people, form=form, preview=shown)
    return page, status


def _list_context(found: queries.InvitationPage, view: str, mine: bool) -> dict[str, Any]:
    who: dict[str, Any] = {"qui": "moi"} if mine else {}
    tabs = [
        {
            "label": _(label),
            "href": url_for("invitations.index", vue=slug, **who),
            "current": name == view,
            "count": found.counts[name],
        }
        for name, (slug, label) in _VIEWS.items()
    ]
    slug = _VIEWS[view][0]
    return {
        "found": found,
        "tabs": tabs,
        "mine": mine,
        "slug": slug,
        "arguments": {"vue": slug, **who},
        "has_hour": has_hour,
    }


def _show_context(
    row: Invitation,
    cancel: CancelForm | None = None,
    answer: PhoneAnswerForm | None = None,
) -> dict[str, Any]:
    session = db_session()
    writes = queries.may_write(session, current_actor(), row)
    allowed = views.allowed_on(row, writes=writes)
    return {
        "invitation": row,
        "allowed": allowed,
        "others": moving.list_others(session, row) if allowed.answers else [],
        "history": queries.list_history(session, row),
        "event_words": views.event_words,
        "written": queries.list_messages(session, row),
        "has_hour": has_hour(row.starts_at),
        "cancel_form": cancel or CancelForm(formdata=None),
        "answer_form": answer or PhoneAnswerForm(formdata=None),
        "failed": cancel or answer,
        "now": clock.now(),
    }
