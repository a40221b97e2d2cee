"""The portfolio, and « qui est prêt pour… »."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal import clock
from portal import matchmaking as mm
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.models import AccessKind, JobOffer, Occupation, Person
from portal.people.forms.fields import choice
from portal.people.forms.lists import FilterForm, NeedForm, sort_choices
from portal.people.queries.abilities import list_credential_types
from portal.people.queries.leads import build_need
from portal.people.queries.portfolio import (
    Filters,
    Scope,
    Sort,
    count_by_scope,
    list_places,
    list_portfolio,
)
from portal.people.routes.door import blueprint, find
from portal.people.trades import TradeReading, read_trade
from portal.people.trades import suggest_trades as suggest
from portal.web.filters import date_short
from portal.web.guards import current_actor, requires
from portal.web.paging import Page, requested_page
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session


@blueprint.get("")
@requires(Capability.PEOPLE_READ)
def index() -> ResponseReturnValue:
    """The portfolio, filtered."""
    session, actor = db_session(), current_actor()
    form = FilterForm(request.args)
    counts = count_by_scope(session, actor)
    _settle_scope(form, counts)
    _offer_choices(form)
    form.validate()
    reading = read_trade(session, form.trade.data or "")
    filters, understood = _filters(form, reading)
    page = list_portfolio(session, actor, filters, today=clock.today(), number=requested_page())
    log_read(actor, [row.person.id for row in page.rows], AccessKind.LIST)
    context: dict[str, Any] = {"form": form, "page": page, "counts": counts, "scopes": Scope}
    context |= {"understood": understood, "arguments": kept_arguments(), "filters": filters}
    context |= {"today": clock.today(), "reading": reading}
    return page_or_fragment("people/index.html", "people/_portfolio.html", **context)


def kept_arguments() -> dict[str, str]:
    """The filters of the address, without the page: what the links of the list carry on."""
    return {key: value for key, value in request.args.items() if key != "page" and value}


def _settle_scope(form: FilterForm, counts: dict[Scope, int]) -> None:
    """Without a choice: one's own people, or the structure's for who follows nobody in person."""
    if "qui" not in request.args or form.scope.data not in set(Scope):
        form.scope.data = Scope.MINE if counts[Scope.MINE] else Scope.STRUCTURE


def _offer_choices(form: FilterForm) -> None:
    session, actor = db_session(), current_actor()
    places = list_places(session, actor, Scope(form.scope.data))
    if form.scope.data == Scope.SHARED:
        form.sort.choices = sort_choices(by_contact=False)
    form.place.choices = [choice("", _("Partout"))] + [choice(*place) for place in places]
    types = list_credential_types(session)
    form.credential.choices = [choice("", _("Indifférent"))]
    form.credential.choices += [choice(kind.code, kind.label) for kind in types]


def _filters(form: FilterForm, reading: TradeReading) -> tuple[Filters, dict[str, str | None]]:
    """The filters, and how the words typed were understood (None: not at all, or not surely)."""
    session, trade = db_session(), reading.occupation
    found = mm.resolve_skills(session, form.skill.data or "", 3) if form.skill.data else []
    skill = found[0] if found else None
    understood: dict[str, str | None] = {}
    if form.trade.data:
        understood["trade"] = trade.label if trade else None
    if form.skill.data:
        understood["skill"] = skill.label if skill else None
    filters = Filters(
        scope=Scope(form.scope.data),
        name=(form.name.data or "").strip(),
        place=form.place.data or "",
        occupation_code=trade.code if trade else None,
        skill_code=skill.code if skill and skill.kind == "skill" else None,
        credential_code=form.credential.data or _credential_in(skill),
        mode=form.mode.data or None,
        available_by=_valid(form.available_by),
        silent_days=_valid(form.silent_days),
        incomplete=bool(form.incomplete.data),
        sort=Sort(form.sort.data) if form.sort.data in set(Sort) else Sort.NAME,
    )
    return filters, understood


def _credential_in(found: mm.SkillMatch | None) -> str | None:
    """« permis C » typed as a skill is a licence."""
    return found.code if found is not None and found.kind == "credential" else None


def _valid(field: Any) -> Any:
    return None if field.errors else field.data


@blueprint.get("/metiers")
@requires(Capability.PEOPLE_READ)
def suggest_trades() -> ResponseReturnValue:
    """The trades that the words being typed may mean, to choose from."""
    text = (request.args.get("trade") or "")[:120]
    reading = read_trade(db_session(), text)
    return render_template(
        "people/_trade_choices.html",
        proposals=suggest(db_session(), text),
        chosen=reading.occupation.code if reading.occupation else None,
        typed=text.strip(),
    )


@blueprint.get("/pret-pour")
@requires(Capability.PEOPLE_READ)
def ready_for() -> ResponseReturnValue:
    """The five groups of people for a need that nobody has posted yet."""
    form = NeedForm(request.args)
    if not request.args:
        return render_template("people/ready_for.html", form=NeedForm(None), view=None)
    if not form.start.data:
        form.start.data = clock.today()
    valid, reading = (
        form.validate(),
        read_trade(db_session(), form.trade.data or "", request.args.get("code")),
    )
    view = page = None
    if valid and reading.occupation is not None:
        view, page = _people_for(form, reading.occupation)
    context: dict[str, Any] = {"form": form, "reading": reading, "view": view, "page": page}
    context["arguments"] = kept_arguments()
    context["availability"] = availability
    return page_or_fragment("people/ready_for.html", "people/_ready_for.html", **context)


def _people_for(form: NeedForm, occupation: Occupation) -> tuple[mm.ListView, Page[mm.Line] | None]:
    session, actor, need = db_session(), current_actor(), _need(form, occupation)
    window = asked_window()
    view = mm.people_for_offer(session, actor, need, window)
    shown = [line.person.id for group in view.groups for line in group.lines]
    log_read(actor, shown, AccessKind.LIST, context=f"besoin {occupation.code}")
    return view, page_of_band(view, window)


def _need(form: NeedForm, occupation: Occupation) -> JobOffer:
    assert form.place.commune is not None
    assert form.start.data is not None
    return build_need(
        db_session(), occupation=occupation, commune=form.place.commune, start=form.start.data
    )


def availability(person: Person, start: date) -> str | None:
    """When the person is free, where it is later than the need or not known."""
    if person.available_from is None:
        return str(_("disponibilité à demander"))
    if person.available_from <= start:
        return None
    return str(_("disponible le %(day)s", day=date_short(person.available_from)))


@blueprint.get("/pret-pour/pourquoi/<public_id>")
@requires(Capability.PEOPLE_READ)
def why_ready_for(public_id: str) -> ResponseReturnValue:
    """« Pourquoi ? » for a need that nobody has posted yet."""
    opened, form = find(public_id), NeedForm(request.args)
    if not form.start.data:
        form.start.data = clock.today()
    reading = read_trade(db_session(), form.trade.data or "", request.args.get("code"))
    if not form.validate() or reading.occupation is None:
        return redirect(url_for("people.ready_for", **request.args.to_dict()))  # type: ignore[arg-type]
    log_read(
        current_actor(), [opened.person.id], AccessKind.LIST, f"besoin {reading.occupation.code}"
    )
    return render_template(
        "people/why_ready_for.html",
        person=opened.person,
        trade=reading.occupation,
        form=form,
        arguments=kept_arguments(),
        explanation=mm.explain(db_session(), opened.person, _need(form, reading.occupation)),
    )


def asked_window() -> mm.Window:
    """The first lines of each band, or one page of the band in the address."""
    key = request.args.get("groupe")
    if key not in mm.GROUP_KEYS:
        return mm.Window()
    size = mm.Window().size * 2
    return mm.Window(key, (requested_page() - 1) * size, size)


def page_of_band(view: mm.ListView, window: mm.Window) -> Page[mm.Line] | None:
    """The page of the one band asked for, None when all five are shown."""
    if window.key is None:
        return None
    group = view.group(window.key)
    return Page(list(group.lines), window.start // window.size + 1, window.size, group.count)
