"""Writing a need, without an account."""

from __future__ import annotations

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock, places
from portal.accounts.signing import begin_attempt, wait_message
from portal.accounts.throttle import TooManyAttemptsError
from portal.deposits.forms import NeedForm, NewEmployerForm
from portal.deposits.platforms import platform_of
from portal.deposits.recording import Words, Writer, record_need
from portal.employers.blueprint import blueprint
from portal.employers.visiting import sees_space
from portal.models import Commune
from portal.today.tasks import working_days_after
from portal.web.doorstep import EmployerVisitor, employer_visitor
from portal.web.filters import date_long
from portal.web.guards import public
from portal.web.session import db_session

_SENT = "need_sent"


@blueprint.get("/besoin")
@public
def need() -> ResponseReturnValue:
    """The form; an employer who is already known is not asked who they are."""
    visitor = employer_visitor()
    return _page(_form(visitor, filled=False), visitor)


@blueprint.post("/besoin")
@public
def send_need() -> ResponseReturnValue:
    """Keep the need for the platform of the territory, which calls."""
    visitor = employer_visitor()
    form = _form(visitor)
    if form.website.data:  # a machine: thank it and keep nothing
        return redirect(url_for("employers.need_sent"))
    valid = form.validate()
    commune = _commune_of(form)
    platform = platform_of(db_session(), commune) if commune else None
    if commune and platform is None:
        form.place.errors = [
            _("Aucune plateforme Proch’Emploi ne couvre encore cette commune dans ce portail.")
        ]
    if not valid or commune is None or platform is None:
        return _page(form, visitor), 422
    try:
        begin_attempt(f"need:{request.remote_addr}")
    except TooManyAttemptsError as error:
        form.trade.errors = [wait_message(error.until)]
        return _page(form, visitor), 429
    record_need(
        db_session(),
        writer=_writer(form, visitor),
        words=_words(form),
        commune=commune,
        platform=platform,
    )
    due = working_days_after(clock.today(), 1)
    session[_SENT] = [platform.name, date_long(due), platform.phone or ""]
    return redirect(url_for("employers.need_sent"))


@blueprint.get("/besoin/merci")
@public
def need_sent() -> ResponseReturnValue:
    """What happens next."""
    return render_template("employers/need_sent.html", sent=session.get(_SENT))


def _form(visitor: EmployerVisitor | None, *, filled: bool = True) -> NeedForm:
    kind = NeedForm if visitor else NewEmployerForm
    return kind() if filled else kind(formdata=None)


def _page(form: NeedForm, visitor: EmployerVisitor | None) -> str:
    return render_template(
        "employers/need.html",
        form=form,
        visitor=visitor,
        sees_space=visitor is not None and sees_space(visitor),
    )


def _commune_of(form: NeedForm) -> Commune | None:
    """The commune chosen, or the only one the words may mean; else the choice is offered."""
    text = form.place.data or ""
    found = places.find_communes(db_session(), text) if text else []
    chosen = next((row for row in found if row.code == form.commune.data), None)
    only = chosen or places.only_commune(found, text)
    if only is None and text:
        form.offer_communes([(row.code, row.label) for row in found])
        form.place.errors = [
            _("Choisissez la commune ci-dessous.")
            if found
            else _("Aucune commune ne s’écrit ainsi. Essayez le code postal.")
        ]
    return only


def _writer(form: NeedForm, visitor: EmployerVisitor | None) -> Writer:
    if visitor is not None:
        account, contact = visitor.actor, visitor.contact
        return Writer(
            employer_name=visitor.establishment.name,
            contact_name=visitor.name,
            phone=contact.phone if contact else account.account.phone if account else None,
            email=contact.email if contact else account.account.email if account else None,
            establishment=visitor.establishment,
            contact=contact,
        )
    assert isinstance(form, NewEmployerForm)
    return Writer(
        employer_name=_one_line(form.employer.data),
        contact_name=_one_line(form.contact.data),
        phone=_one_line(form.phone.data),
        email=_one_line(form.email.data) or None,
        siret=form.siret.data or None,
    )


def _words(form: NeedForm) -> Words:
    return Words(
        trade=_one_line(form.trade.data),
        posts=form.posts.data or 1,
        start_wanted=form.start_wanted.data,
        day_one=(form.day_one.data or "").strip() or None,
        can_learn=(form.can_learn.data or "").strip() or None,
        more=(form.more.data or "").strip() or None,
    )


def _one_line(text: str | None) -> str:
    return " ".join((text or "").split())
