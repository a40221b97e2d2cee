"""A pathway that somebody changes: what it breaks, how it reads, which sessions could do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy.orm import Session

import matching as engine
from matching import pathways
from matching.pathways.situation import covers
from portal.access.actor import Actor
from portal.matchmaking import reading
from portal.matchmaking.composing import (
    NothingKnownError,
    Prepared,
    Teller,
    key_of,
    need_labels,
    prepare,
)
from portal.matchmaking.views import ScenarioView
from portal.matchmaking.wording import problem_text
from portal.models import JobOffer, Occupation, PathwayStep, Person, StepKind, TrainingSession

_TRIED = 60
_PROPOSED = 8
_JUDGED = frozenset(pathways.StepKind)


def problems_of(
    session: Session,
    person: Person,
    steps: Sequence[PathwayStep],
    *,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
    behind: Sequence[PathwayStep] = (),
) -> list[tuple[PathwayStep | None, str]]:
    """What forbids an edited sequence of steps, each with the step at fault (None: the whole).

    ``behind`` are the steps done or under way: not judged, what they bring counts. Raises
    :class:`NothingKnownError` like :func:`compose`.
    """
    known = prepare(session, person, offer, occupation, behind)
    judged = [step for step in steps if step.kind.value in _JUDGED]
    try:
        found = _check(known, [_record(step) for step in judged])
    except LookupError as error:
        raise _unknown_trade() from error
    labels = need_labels(session, [problem.need for problem in found if problem.need])
    return [
        (
            None if problem.step is None else judged[problem.step],
            problem_text(problem, labels.get(key_of(problem.need)) if problem.need else None),
        )
        for problem in found
    ]


def retell(
    session: Session,
    actor: Actor,
    person: Person,
    steps: Sequence[PathwayStep],
    *,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
    behind: Sequence[PathwayStep] = (),
) -> ScenarioView:
    """The scenario that a chosen immersion, sessions and hire make, told by the same rules.

    Without a hire among ``steps``, it falls on the first possible day. Raises
    :class:`NothingKnownError` like :func:`compose`, or when a session is no longer known.
    """
    known = prepare(session, person, offer, occupation, behind)
    try:
        told = _follow(known, [_record(step) for step in steps if step.kind.value in _JUDGED])
    except LookupError as error:
        raise _unknown_trade() from error
    return Teller(session, actor, offer, occupation, [told]).scenario(told)


def sessions_instead(
    session: Session,
    person: Person,
    steps: Sequence[PathwayStep],
    step: PathwayStep,
    *,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
    behind: Sequence[PathwayStep] = (),
) -> list[TrainingSession]:
    """The sessions that bring what ``step`` brings and leave the pathway whole, soonest first."""
    if step.session is None:
        return []
    known = prepare(session, person, offer, occupation, behind)
    current = step.session.public_id
    others = [_record(s) for s in steps if s is not step and s.kind.value in _JUDGED]
    others = [s for s in others if s.kind is not pathways.StepKind.HIRE]
    try:
        needs = _brought(known, [*others, _record(step)], current)
        fits = (
            one.id
            for one in _candidates(known, needs, current)
            if _stands(known, [*others, _training(one)])
        )
        kept = [name for name, _rank in zip(fits, range(_PROPOSED), strict=False)]
    except LookupError as error:
        raise _unknown_trade() from error
    rows = reading.sessions_by_id(session, kept)
    return [rows[name] for name in kept if name in rows]


def _brought(
    known: Prepared, steps: Sequence[pathways.Step], session: str
) -> tuple[engine.Prerequisite, ...]:
    """What the session brings to the pathway; nothing when the catalogue no longer has it."""
    if all(one.id != session for one in known.world.index.sessions.sessions):
        return ()
    told = _follow(known, steps)
    return next(step.covers for step in told.steps if step.session == session)


def _candidates(
    known: Prepared, needs: Sequence[engine.Prerequisite], current: str
) -> list[engine.Session]:
    """The sessions to come that bring the same, soonest first; none when nothing is brought."""
    if not needs:
        return []
    found = [
        one
        for one in known.world.index.sessions.sessions
        if one.id != current
        and one.seats_left > 0
        and one.start >= known.world.today
        and all(covers(one, need) for need in needs)
    ]
    return sorted(found, key=lambda one: (one.start, one.end, one.id))[:_TRIED]


def _stands(known: Prepared, steps: Sequence[pathways.Step]) -> bool:
    return not _check(known, _follow(known, steps).steps)


def _check(known: Prepared, steps: Sequence[pathways.Step]) -> tuple[pathways.Problem, ...]:
    # The notice of an immersion serves to plan one; one that is prepared may come sooner.
    options = replace(known.options, immersion_notice=0)
    return pathways.check_sequence(
        known.world.index, known.record, known.goal, steps, known.world.today, options
    )


def _follow(known: Prepared, steps: Sequence[pathways.Step]) -> pathways.Scenario:
    """Follow the steps in the order of time; a hire that would come one day late is kept."""
    ordered = sorted(steps, key=lambda step: (step.start, step.end))
    told = _told(known, ordered)
    latest = known.goal.start_latest if isinstance(known.goal, engine.Offer) else None
    if latest is None or told.hire != latest + timedelta(days=1):
        return told
    if any(step.kind is pathways.StepKind.HIRE for step in steps):
        return told
    # A step that ends on the last possible day still allows the hire that very day.
    return _told(known, [*ordered, pathways.Step(pathways.StepKind.HIRE, latest, latest)])


def _told(known: Prepared, steps: Sequence[pathways.Step]) -> pathways.Scenario:
    return pathways.follow(
        known.world.index, known.record, known.goal, steps, known.world.today, known.options
    )


def _record(step: PathwayStep) -> pathways.Step:
    training = step.session if step.kind is StepKind.TRAINING else None
    return pathways.Step(
        kind=pathways.StepKind(step.kind.value),
        start=step.start,
        end=step.end,
        session=training.public_id if training else None,
        offer=step.offer.public_id if step.offer else None,
        commune=step.commune_code or (step.commune.code if step.commune else None),
    )


def _training(session: engine.Session) -> pathways.Step:
    return pathways.Step(
        pathways.StepKind.TRAINING,
        session.start,
        session.end,
        session=session.id,
        commune=session.commune,
    )


def _unknown_trade() -> NothingKnownError:
    return NothingKnownError(
        _("Le catalogue ne connaît plus une des sessions, ou les compétences de ce métier.")
    )
