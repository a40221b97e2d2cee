"""Compose the scenarios of a person towards a goal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from matching.pathways.catalogue import prepare
from matching.pathways.labels import Found
from matching.pathways.plans import (
    Composition,
    Goal,
    PathwayOptions,
    PathwayWorld,
    Scenario,
    ScenarioName,
    Step,
    StepKind,
)
from matching.pathways.search import Search
from matching.pathways.situation import Immersion, Situation, Traveller, study, study_as
from matching.pathways.story import tell
from matching.pathways.timetables import programme
from matching.pathways.unmet import job_blockers, unmet_need
from matching.records import Person
from matching.sessions import SessionTable

DEFAULT_OPTIONS = PathwayOptions()


def compose(
    world: PathwayWorld,
    person: Person,
    goal: Goal,
    today: date,
    options: PathwayOptions = DEFAULT_OPTIONS,
) -> Composition:
    """The fast, safe and qualifying scenarios towards a goal, or why there is none.

    The rules are those of the package's docstring. Raises LookupError for an occupation of
    which nothing is known.
    """
    return compose_for(Traveller(world, person, today), goal, options)


def compose_for(
    traveller: Traveller,
    goal: Goal,
    options: PathwayOptions = DEFAULT_OPTIONS,
    *,
    register: SessionTable | None = None,
) -> Composition:
    """``compose`` for one of the goals of a person, sharing what they have in common.

    ``register``: the sessions an unmet need is told with, far ones included, when the
    traveller's world has only those within their reach. Raises LookupError as ``compose``.
    """
    situation = study_as(traveller, goal, options)
    sessions, immersion = traveller.world.sessions, situation.immersion()
    found = [] if job_blockers(situation) else non_dominated(situation, sessions, immersion)
    if not found:
        return Composition((), unmet_need(situation, register or sessions))
    return Composition(
        tuple(
            tell(
                situation,
                one.sessions,
                immersion if one.immersed else None,
                one.measure.hire,
                names,
            )
            for one, names in _named(found)
        )
    )


def non_dominated(
    situation: Situation, table: SessionTable, immersion: Immersion | None
) -> list[Found]:
    """Every measure that no possible scenario beats, with one scenario for each.

    A measure reached both with and without an immersion has one of each.
    """
    courses, board = prepare(situation, table)
    offered = programme(board, courses)
    found: list[Found] = []
    # The immersion first: its scenarios have few unknowns, so they cut most of the others.
    for variant in (immersion, None) if immersion else (None,):
        rivals = tuple(f.measure for f in found)
        found += Search(situation, board, offered, variant, rivals).run()
    return [f for f in found if not any(g.measure.dominates(f.measure) for g in found)]


def _named(front: Sequence[Found]) -> list[tuple[Found, tuple[ScenarioName, ...]]]:
    """The scenarios that earn a name, in the order of the names, one entry each."""
    choices = (
        (ScenarioName.FAST, _soonest(front)),
        (ScenarioName.SAFE, _soonest([f for f in front if f.immersed])),
        (ScenarioName.QUALIFYING, _most_certified(front)),
    )
    distinct: dict[object, Found] = {one.tie: one for _, one in choices if one is not None}
    return [
        (found, tuple(name for name, one in choices if one is found)) for found in distinct.values()
    ]


def _soonest(front: Sequence[Found]) -> Found | None:
    return min(front, key=lambda f: (f.measure, f.tie), default=None)


def _most_certified(front: Sequence[Found]) -> Found | None:
    certified = [f for f in front if not f.measure.uncertified]
    return min(certified, key=lambda f: (-f.certifications, f.measure, f.tie), default=None)


def follow(
    world: PathwayWorld,
    person: Person,
    goal: Goal,
    steps: Sequence[Step],
    today: date,
    options: PathwayOptions = DEFAULT_OPTIONS,
) -> Scenario:
    """The scenario that a person's own choice of steps makes, told by the same rules.

    Of ``steps`` only the immersion (its dates and commune), the sessions and the date of
    the hire count; questions, barriers, prerequisites and counts are computed again. A
    missing hire falls on the first possible day. Nothing is judged here: see
    ``check_sequence``. Raises LookupError when a session is not in the world.
    """
    situation = study(world, person, goal, today, options)
    sessions = {s.id: s for s in world.sessions.sessions}
    chosen = [sessions[s.session] for s in steps if s.session is not None]
    tries = [s for s in steps if s.kind is StepKind.IMMERSION]
    tried = (
        Immersion(tries[0].start.toordinal(), tries[0].end.toordinal(), tries[0].commune or "")
        if tries
        else None
    )
    hires = [s.start.toordinal() for s in steps if s.kind is StepKind.HIRE]
    ends = [s.end.toordinal() for s in chosen] + [s.end.toordinal() for s in tries]
    after = max(ends, default=situation.today - 1) + 1
    hire = hires[0] if hires else max(situation.first_hire, after)
    return tell(situation, chosen, tried, hire)
