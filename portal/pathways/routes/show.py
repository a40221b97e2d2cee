"""A pathway, its sheet to print, and the pathways of a person."""

from __future__ import annotations

from flask import Response, make_response, render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access.roles import Capability
from portal.models import Pathway, PathwayState, Person
from portal.pathways import editing, queries, views
from portal.pathways.alternatives import other_ways
from portal.pathways.forms import ActionForm
from portal.pathways.queries import Opened
from portal.pathways.routes.door import blueprint, frame, open_pathway, open_person
from portal.pathways.rules import EDITABLE_STATES, next_step
from portal.pathways.sheet import sheet
from portal.people.frame import frame as person_frame
from portal.people.queries.files import get_opened
from portal.web.guards import current_actor, requires
from portal.web.rendering import page_or_fragment
from portal.web.session import db_session


@blueprint.app_context_processor
def _helpers() -> dict[str, object]:
    """What the person's page needs to tell the pathways of the person."""
    return {"pathways_of": pathways_of}


def pathways_of(person: Person) -> list[dict[str, object]]:
    """The pathways of a person, the current one first, as ``_of_person.html`` shows them."""
    session, actor = db_session(), current_actor()
    rows = queries.list_pathways(session, actor, person)
    readable = queries.readable_offers(session, actor, rows)
    return [
        {
            "pathway": row,
            "goal": views.goal_label(row, readable=row.goal_offer_id in readable),
            "next": next_step(row.steps),
        }
        for row in rows
    ]


@blueprint.get("/personnes/<public_id>/parcours")
@requires(Capability.PATHWAYS)
def of_person(public_id: str) -> ResponseReturnValue:
    """The current pathway of a person and the former ones."""
    person, writes = open_person(public_id)
    opened = get_opened(db_session(), current_actor(), person.public_id)
    assert opened is not None
    return render_template(
        "pathways/of_person.html", writes=writes, **person_frame(opened, "pathway")
    )


@blueprint.get("/parcours/<public_id>")
@requires(Capability.PATHWAYS)
def show(public_id: str) -> ResponseReturnValue:
    """The ladder, what comes next, and what can be done."""
    return pathway_page(open_pathway(public_id))


def pathway_page(opened: Opened, *, refusal: str | None = None) -> Response:
    """The page of a pathway, or the part of it that a move changes."""
    session, pathway = db_session(), opened.pathway
    context = frame(opened)
    return page_or_fragment(
        "pathways/show.html",
        "pathways/_pathway.html",
        status=422 if refusal else 200,
        **context,
        form=ActionForm(),
        refusal=refusal,
        locks=views.locks(pathway, context["sight"]),
        next=next_step(pathway.steps),
        problems=_problems(opened),
        warnings=editing.load_warnings(pathway.steps),
        newer=queries.get_version_of(session, pathway),
        editable=opened.writes and pathway.state in EDITABLE_STATES,
    )


def _problems(opened: Opened) -> list[str]:
    """Why a proposal no longer stands; an agreed one is judged when it is changed."""
    pathway: Pathway = opened.pathway
    if pathway.state is not PathwayState.PROPOSED:
        return []
    return editing.problems_now(db_session(), pathway)


@blueprint.get("/parcours/<public_id>/imprimer")
@requires(Capability.PATHWAYS)
def print_sheet(public_id: str) -> ResponseReturnValue:
    """One page in plain words, to sign and to keep."""
    opened = open_pathway(public_id)
    context = frame(opened)
    told = sheet(opened.pathway, context["sight"])
    page = render_template("pathways/print.html", sheet=told, today=clock.today(), **context)
    return make_response(page)


@blueprint.get("/parcours/<public_id>/autres-pistes")
@requires(Capability.PATHWAYS)
def other_paths(public_id: str) -> ResponseReturnValue:
    """Two other ways after a pathway that stopped."""
    opened = open_pathway(public_id)
    context = frame(opened)
    ways = other_ways(
        db_session(), current_actor(), opened.pathway, reads_offer=context["sight"].reads_offer
    )
    return render_template("pathways/other_ways.html", ways=ways, **context)
