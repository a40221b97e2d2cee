"""The plan of invitation, who may be proposed, and what people answer."""

from __future__ import annotations

from typing import Any

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from portal import matchmaking as mm
from portal.access.log import log_read
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.hubs import candidates as who
from portal.hubs import queries, sourcing
from portal.hubs.blueprint import blueprint
from portal.hubs.forms_people import AnswerForm
from portal.hubs.routes_people_base import open_cohort, open_member, owners_of, runs
from portal.hubs.tabs import tabs_of
from portal.matchmaking import cohorts as engine
from portal.models import (
    AccessKind,
    AgreementChannel,
    Cohort,
    CohortMembership,
    JobOffer,
    MembershipState,
)
from portal.offers import lines
from portal.offers.answers import done, found_or_404, refused
from portal.web.guards import current_actor, requires
from portal.web.paging import requested_page
from portal.web.rendering import announce, page_or_fragment
from portal.web.session import db_session

_TO_ASK = (MembershipState.SOURCED, MembershipState.TOLD)
_LARGEST_TARGET = 999
_LARGEST_PROPOSAL = 50


# The plan ---------------------------------------------------------------------------------------


@blueprint.get("/<public_id>/invitations")
@requires(Capability.HUBS_READ)
def sourcing_plan(public_id: str) -> ResponseReturnValue:
    """How many people to invite, by whom, and how far those invited are.

    Its counts by prescriber are small: not for pilots, who read masked ones (INV-15).
    """
    cohort = open_cohort(public_id, people=True)
    return render_template("hubs/people_sourcing.html", **_plan(cohort))


@blueprint.post("/<public_id>/invitations")
@requires(Capability.HUBS_WRITE)
def save_targets(public_id: str) -> ResponseReturnValue:
    """What each prescriber is asked."""
    session, actor = db_session(), current_actor()
    cohort = open_cohort(public_id, write=True)
    back = url_for("hubs.sourcing_plan", public_id=public_id)
    known = {row.public_id: row for row in sourcing.list_prescribers(session, cohort)}
    given = {name: request.form.get(f"objectif-{name}", "").strip() or "0" for name in known}
    if not all(text.isdecimal() and int(text) <= _LARGEST_TARGET for text in given.values()):
        return refused(_("Un objectif est un nombre de personnes, de 0 à 999."), back)
    targets = {known[name].id: int(text) for name, text in given.items()}
    sourcing.record_targets(session, actor, cohort=cohort, targets=targets)
    return done(_("Objectifs enregistrés."), back)


def _plan(cohort: Cohort) -> dict[str, Any]:
    session, actor = db_session(), current_actor()
    plan = sourcing.get_plan(session, cohort)
    targets = sourcing.list_targets(session, cohort)
    journeys = sourcing.list_journeys(session, sourcing.list_people(session, cohort))
    rows, whole = sourcing.funnel_of(journeys, targets)
    offer = engine.cohort_offer(session, cohort)
    pool = who.list_pool(session, cohort=cohort, offer=offer) if offer else []
    invited = sum(journey.invited for journey in journeys)
    suggested = sourcing.suggested_targets(plan.invite or 0, who.pools_by_prescriber(pool))
    return {
        "cohort": cohort,
        "tabs": tabs_of(actor, cohort),
        "runs": runs(actor, cohort),
        "plan": plan,
        "step_label": lambda rate: sourcing.Step(rate.step).label,
        "from_history": engine.RateSource.HISTORY,
        "funnel": rows,
        "whole": whole,
        "invited": invited,
        "targets": {row.prescriber_id: row.target for row in targets},
        "suggested": suggested,
        "prescribers": sourcing.list_prescribers(session, cohort),
    }


# Who --------------------------------------------------------------------------------------------


@blueprint.get("/<public_id>/personnes")
@requires(Capability.HUBS_READ)
def candidates(public_id: str) -> ResponseReturnValue:
    """The five groups: names for who follows them, counts by referent for the hub."""
    cohort, actor = open_cohort(public_id, people=True), current_actor()
    context = _who(cohort)
    shown = [row.person_id for row in context["members"]]
    shown += [line.person.id for group in context["groups"] for line in group.lines]
    log_read(actor, dict.fromkeys(shown), AccessKind.LIST, f"cohorte {cohort.public_id}")
    answer = page_or_fragment("hubs/people_who.html", "hubs/_people_more.html", **context)
    band = next((b for b in context["bands"] if b.key == context["key"]), None)
    return announce(answer, lines.announced(len(band.lines))) if band else answer


@blueprint.post("/<public_id>/personnes")
@requires(Capability.PEOPLE_WRITE)
def propose_people(public_id: str) -> ResponseReturnValue:
    """Propose the people ticked; each is then told and answers."""
    session, actor = db_session(), current_actor()
    cohort = open_cohort(public_id, people=True)
    back = url_for("hubs.candidates", public_id=public_id)
    people = request.form.getlist("person")[:_LARGEST_PROPOSAL]
    if not people:
        return refused(_("Cochez d’abord les personnes à proposer."), back)
    try:
        found = who.propose(session, actor, cohort=cohort, people=people)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    log_read(
        actor,
        [row.person_id for row in found.members],
        AccessKind.LIST,
        f"cohorte {cohort.public_id}",
    )
    return done(_proposed(found), f"{back}#proposees")


def _proposed(found: who.Proposed) -> str:
    count = len(found.members)
    if not count:
        return str(_("Ces personnes étaient déjà proposées."))
    return str(
        ngettext(
            "%(num)d personne proposée\u00a0: prévenez-la, puis notez sa réponse.",
            "%(num)d personnes proposées\u00a0: prévenez-les, puis notez leurs réponses.",
            count,
        )
    )


def _who(cohort: Cohort) -> dict[str, Any]:
    session, actor = db_session(), current_actor()
    offer = engine.cohort_offer(session, cohort)
    hub = runs(actor, cohort)
    context: dict[str, Any] = {
        "cohort": cohort,
        "tabs": tabs_of(actor, cohort),
        "runs": hub,
        "offer": offer,
        "members": _members(cohort),
        "to_ask": _TO_ASK,
        "pool": who.list_pool(session, cohort=cohort, offer=offer) if offer and hub else [],
        "group_keys": mm.GROUP_KEYS,
        "recruits": cohort.state in who.RECRUITING_STATES,
    }
    return context | _bands(cohort, None if hub else offer)


def _members(cohort: Cohort) -> list[CohortMembership]:
    """Those to tell and to ask for the hub; all of one's own for a prescriber."""
    session, actor = db_session(), current_actor()
    if not runs(actor, cohort):
        return who.list_own_members(session, actor, cohort=cohort)
    every = queries.list_members(session, actor, cohort)
    return [row for row in every if row.state in _TO_ASK]


def _bands(cohort: Cohort, offer: JobOffer | None) -> dict[str, Any]:
    whole = request.args.get("vue") == "structure"
    key = request.args.get("groupe")
    key, page = (key, requested_page()) if key in mm.GROUP_KEYS else (None, 1)
    context: dict[str, Any] = {
        "key": key,
        "whole_structure": whole,
        "bands": [],
        "groups": (),
        "referents": [],
        "referent": None,
    }
    if offer is None or cohort.state not in who.RECRUITING_STATES:
        return {**context, "key": None, "found": None}
    session, actor = db_session(), current_actor()
    rows = who.list_referents(session, actor, cohort=cohort, offer=offer) if whole else []
    referents = [row.referent for row in rows if row.referent is not None]
    chosen = next((r for r in referents if r.public_id == request.args.get("referent")), None)
    found = who.list_candidates(
        session,
        actor,
        cohort=cohort,
        offer=offer,
        window=lines.window_of(key, page),
        whole_structure=whole,
        referent_id=chosen.id if chosen else None,
    )
    return {
        **context,
        "referents": [row for row in rows if row.referent is not None],
        "referent": chosen,
        "bands": lines.band_views(found, (), page),
        "groups": found.groups,
        "found": found,
    }


# Telling and answering ---------------------------------------------------------------------------


@blueprint.post("/<public_id>/personnes/<member_id>/prevenue")
@requires(Capability.HUBS_READ)
def told(public_id: str, member_id: str) -> ResponseReturnValue:
    """The person was told."""
    cohort = open_cohort(public_id, people=True)
    membership = _asked(cohort, member_id)
    back = url_for("hubs.candidates", public_id=public_id) + "#proposees"
    try:
        who.record_told(db_session(), current_actor(), membership=membership)
    except IllegalTransitionError as error:
        return refused(error.message, back)
    return done(_("C’est noté\u00a0: la personne est prévenue."), back)


@blueprint.route("/<public_id>/personnes/<member_id>/reponse", methods=["GET", "POST"])
@requires(Capability.HUBS_READ)
def answered(public_id: str, member_id: str) -> ResponseReturnValue:
    """What the person answers: who received it, when, how."""
    cohort = open_cohort(public_id, people=True)
    membership = _asked(cohort, member_id)
    form = AnswerForm()
    form.offer_owners(owners_of(membership, current_actor()))
    if request.method == "GET" or not form.validate():
        status = 200 if request.method == "GET" else 422
        page = render_template(
            "hubs/people_answer.html", cohort=cohort, member=membership, form=form
        )
        return page, status
    try:
        _record_answer(membership, form)
    except IllegalTransitionError as error:
        return refused(error.message, url_for("hubs.candidates", public_id=public_id))
    return done(
        _("Réponse enregistrée."), url_for("hubs.candidates", public_id=public_id) + "#proposees"
    )


def _record_answer(membership: CohortMembership, form: AnswerForm) -> None:
    session, actor = db_session(), current_actor()
    channel, on, leaving = AgreementChannel(form.channel.data), form.day, form.leaving
    if leaving is None:
        who.record_yes(session, actor, membership=membership, channel=channel, on=on)
    else:
        who.record_no(
            session, actor, membership=membership, channel=channel, on=on, leaving=leaving
        )


def _asked(cohort: Cohort, member_id: str) -> CohortMembership:
    """Somebody whom the actor may tell and ask."""
    actor, row = current_actor(), open_member(cohort, member_id)
    log_read(actor, [row.person_id], AccessKind.LIST, f"cohorte {cohort.public_id}")
    return found_or_404(row if who.may_speak_for(actor, row) else None)
