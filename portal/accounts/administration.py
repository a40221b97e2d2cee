"""Administering accounts: opening, closing, one-time links, structures, portfolios."""

from __future__ import annotations

from typing import TypeVar

from flask import (
    Blueprint,
    Response,
    abort,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.access.roles import Capability
from portal.accounts import changes, links, queries
from portal.accounts.forms import NewAccountForm, PlaceForm, ReassignForm
from portal.errors import InputError
from portal.models import Account, Membership, Organisation, Role
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session
from portal.web.settings import current_settings

blueprint = Blueprint("account_admin", __name__, url_prefix="/comptes")
_LINK = "one_time_link"
_HOURS = round(links.VALID_FOR.total_seconds() / 3600)
F = TypeVar("F", bound=PlaceForm)


@blueprint.get("/")
@requires(Capability.ACCOUNTS)
def index() -> ResponseReturnValue:
    """The accounts one administers."""
    filters = _filters()
    page = queries.list_accounts(db_session(), current_actor(), filters, number=requested_page())
    return page_or_fragment(
        "accounts/index.html",
        "accounts/_list.html",
        page=page,
        filters=filters,
        roles=Role.choices(),
        arguments=request.args.to_dict() | {"page": None},
    )


@blueprint.get("/nouveau")
@requires(Capability.ACCOUNTS)
def new() -> ResponseReturnValue:
    """The form of a new account."""
    return render_template("accounts/new.html", form=_with_places(NewAccountForm()))


@blueprint.post("/")
@requires(Capability.ACCOUNTS)
def create() -> ResponseReturnValue:
    """Open a named account and show its one-time link."""
    form = _with_places(NewAccountForm())
    if not form.validate():
        return render_template("accounts/new.html", form=form), 422
    try:
        account = changes.record_account(
            db_session(),
            current_actor(),
            email=form.email.data or "",
            first_name=form.first_name.data or "",
            last_name=form.last_name.data or "",
            role=Role(form.role.data),
            organisation=_organisation(form.organisation.data),
        )
    except InputError as error:
        form.form_errors.append(str(error))
        return render_template("accounts/new.html", form=form), 422
    return _hand_over_link(account)


@blueprint.get("/<public_id>")
@requires(Capability.ACCOUNTS)
def show(public_id: str) -> ResponseReturnValue:
    """One account."""
    return _page(_account(public_id), PlaceForm())


@blueprint.get("/<public_id>/lien")
@requires(Capability.ACCOUNTS)
def link(public_id: str) -> ResponseReturnValue:
    """The one-time link just made, shown once to who made it."""
    account = _account(public_id)
    waiting: dict[str, str] = session.pop(_LINK, {})
    url = waiting.get("url") if waiting.get("account") == public_id else None
    return render_template("accounts/link.html", holder=account, url=url, hours=_HOURS)


@blueprint.post("/<public_id>/lien")
@requires(Capability.ACCOUNTS)
def make_link(public_id: str) -> ResponseReturnValue:
    """Make a one-time link for a password forgotten or never chosen."""
    account = _account(public_id, active=True)
    changes.record_link(db_session(), current_actor(), account)
    return _hand_over_link(account)


@blueprint.post("/<public_id>/lien/courriel")
@requires(Capability.ACCOUNTS)
def mail_link(public_id: str) -> ResponseReturnValue:
    """Send a one-time link to the account's own address, where e-mail is set up."""
    account = _account(public_id, active=True)
    if not _mail_is_set_up():
        abort(404)
    changes.record_link(db_session(), current_actor(), account)
    changes.record_link_mailed(db_session(), current_actor(), account, url=_link_of(account))
    flash(_("Le lien part à l’adresse du compte."), "success")
    return redirect(url_for(".show", public_id=public_id))


@blueprint.post("/<public_id>/structures")
@requires(Capability.ACCOUNTS)
def add_place(public_id: str) -> ResponseReturnValue:
    """Have the account work in one more structure."""
    account, form = _account(public_id, active=True), _with_places(PlaceForm())
    if not form.validate():
        return _page(account, form, status=422)
    organisation, role = _organisation(form.organisation.data), Role(form.role.data)
    try:
        changes.record_membership(
            db_session(), current_actor(), account, organisation=organisation, role=role
        )
    except InputError as error:
        form.role.errors = [str(error)]
        return _page(account, form, status=422)
    flash(_("La structure est ajoutée."), "success")
    return redirect(url_for(".show", public_id=public_id))


@blueprint.get("/<public_id>/structures/<place_id>/retirer")
@requires(Capability.ACCOUNTS)
def ask_removal(public_id: str, place_id: str) -> ResponseReturnValue:
    """Ask before a structure is taken away."""
    account = _account(public_id)
    place = _place(account, place_id)
    return render_template("accounts/confirm.html", holder=account, place=place)


@blueprint.post("/<public_id>/structures/<place_id>/retirer")
@requires(Capability.ACCOUNTS)
def remove_place(public_id: str, place_id: str) -> ResponseReturnValue:
    """End the account's work in a structure."""
    account = _account(public_id)
    place = _place(account, place_id)
    try:
        changes.record_membership_closed(db_session(), current_actor(), account, place)
        flash(_("La structure est retirée."), "success")
    except InputError as error:
        flash(str(error), "error")
    return redirect(url_for(".show", public_id=public_id))


@blueprint.post("/<public_id>/portefeuille")
@requires(Capability.ACCOUNTS)
def reassign(public_id: str) -> ResponseReturnValue:
    """Entrust the people an account follows in a structure to a colleague there."""
    account, form = _account(public_id), ReassignForm()
    organisation = _organisation(form.organisation.data)
    colleagues = queries.list_colleagues(db_session(), account, organisation.id)
    form.offer(colleagues)
    if not form.validate():
        return _page(account, PlaceForm(), status=422)
    count = changes.record_portfolio_reassigned(
        db_session(),
        current_actor(),
        account,
        organisation_id=organisation.id,
        colleague=next(c for c in colleagues if c.public_id == form.colleague.data),
    )
    flash(_("Personnes confiées à un collègue : %(n)d.", n=count), "success")
    return redirect(url_for(".show", public_id=public_id))


@blueprint.get("/<public_id>/fermer")
@requires(Capability.ACCOUNTS)
def ask_closing(public_id: str) -> ResponseReturnValue:
    """Ask before an account is closed."""
    account = _account(public_id, active=True)
    return render_template("accounts/confirm.html", holder=account, place=None)


@blueprint.post("/<public_id>/fermer")
@requires(Capability.ACCOUNTS)
def close(public_id: str) -> ResponseReturnValue:
    """Close an account."""
    account = _account(public_id, active=True)
    try:
        changes.record_closed(db_session(), current_actor(), account)
        flash(_("Le compte est fermé et ses connexions sont coupées."), "success")
    except InputError as error:
        flash(str(error), "error")
    return redirect(url_for(".show", public_id=public_id))


@blueprint.post("/<public_id>/securite/retirer")
@requires(Capability.ACCOUNTS)
def remove_factors(public_id: str) -> ResponseReturnValue:
    """Remove the codes and passkeys of somebody who lost their phone; their sessions end."""
    account = _account(public_id, active=True)
    changes.record_factors_removed(db_session(), current_actor(), account)
    flash(_("Les clés et le code sont retirés\u00a0: le mot de passe suffit à nouveau."), "success")
    return redirect(url_for("account_admin.show", public_id=public_id))


@blueprint.post("/<public_id>/rouvrir")
@requires(Capability.ACCOUNTS)
def reopen(public_id: str) -> ResponseReturnValue:
    """Open a closed account again, with a link to choose a new password."""
    account = _account(public_id, active=False)
    changes.record_reopened(db_session(), current_actor(), account)
    return _hand_over_link(account)


def _account(public_id: str, *, active: bool | None = None) -> Account:
    account = queries.get_account(db_session(), current_actor(), public_id)
    if account is None or active not in (None, account.active):
        abort(404)
    return account


def _place(account: Account, public_id: str) -> Membership:
    place = next((m for m in account.memberships if m.public_id == public_id and m.active), None)
    if place is None:
        abort(404)
    return place


def _organisation(public_id: str | None) -> Organisation:
    known = queries.list_organisations(db_session(), current_actor())
    chosen = next((o for o in known if o.public_id == public_id), None)
    if chosen is None:
        abort(404)
    return chosen


def _with_places(form: F) -> F:
    form.offer(queries.list_organisations(db_session(), current_actor()))
    return form


def _filters() -> queries.AccountFilters:
    role = request.args.get("role", "")
    return queries.AccountFilters(
        text=request.args.get("texte", "").strip()[:100],
        role=Role(role) if role in {r.value for r in Role} else None,
        closed=request.args.get("fermes") == "1",
    )


def _hand_over_link(account: Account) -> ResponseReturnValue:
    """Keep the link in this browser's cookie until the next page has shown it."""
    session[_LINK] = {"account": account.public_id, "url": _link_of(account)}
    return redirect(url_for(".link", public_id=account.public_id))


def _link_of(account: Account) -> str:
    """The whole link, at the address the portal is known by: not the one this request claims."""
    settings = current_settings()
    token = links.make_token(settings.secret_key, account)
    return settings.public_url.rstrip("/") + url_for("accounts.choose_password", token=token)


def _mail_is_set_up() -> bool:
    return current_settings().messages.smtp is not None


def _page(account: Account, form: PlaceForm, *, status: int = 200) -> Response:
    """The page of an account, with the portfolios to reassign before it can be closed."""
    html = render_template(
        "accounts/show.html",
        holder=account,
        form=_with_places(form),
        portfolios=_portfolios(account),
        can_mail=_mail_is_set_up(),
        has_factors=queries.has_factors(db_session(), account),
        events=queries.list_events(db_session(), account),
        event_labels=changes.EVENT_LABELS,
    )
    return make_response(html, status)


def _portfolios(account: Account) -> list[dict[str, object]]:
    """Each structure where the account follows people: how many, and who could follow them."""
    names = {m.organisation_id: m.organisation for m in account.memberships}
    found = []
    for organisation_id, count in queries.count_followed(db_session(), account).items():
        colleagues = queries.list_colleagues(db_session(), account, organisation_id)
        found.append(
            {
                "organisation": names[organisation_id],
                "count": count,
                "colleagues": colleagues,
            }
        )
    return found
