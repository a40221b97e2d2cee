"""Dated scenarios of a person towards an offer or an occupation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from math import isfinite
from typing import NamedTuple

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

import matching as engine
from matching import pathways
from portal.access.actor import Actor
from portal.access.offers import sees_employer_name
from portal.matchmaking import loading, reading
from portal.matchmaking.occupations import regulatory_credentials
from portal.matchmaking.views import (
    BlockerView,
    CompositionView,
    ScenarioView,
    StepView,
)
from portal.matchmaking.wording import blocker_text
from portal.matchmaking.world import World, current_world
from portal.models import (
    Barrier,
    BarrierImpact,
    BarrierState,
    Commune,
    CredentialType,
    JobOffer,
    Occupation,
    PathwayStep,
    Person,
    StepKind,
    StepState,
    TrainingSession,
)

IMMERSION_HOURS = 35.0
_OCCUPYING = (StepKind.IMMERSION, StepKind.TRAINING)
_PENDING_BARRIER = (BarrierState.TO_DO, BarrierState.IN_PROGRESS)


class NothingKnownError(Exception):
    """The goal or the person lacks what a pathway is made of; ``message`` is for the reader."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


def compose(
    session: Session,
    actor: Actor,
    person: Person,
    *,
    offer: JobOffer | None = None,
    occupation: Occupation | None = None,
) -> CompositionView:
    """At most three dated scenarios, or what blocks.

    Raises :class:`NothingKnownError` when the person's commune or the trade's skills are not
    known.
    """
    known = prepare(session, person, offer, occupation)
    try:
        found = pathways.compose(
            known.world.index, known.record, known.goal, known.world.today, known.options
        )
    except LookupError as error:
        raise NothingKnownError(
            _("Les compétences de ce métier ne sont pas encore connues ici.")
        ) from error
    teller = Teller(session, actor, offer, occupation, found.scenarios, found.unmet)
    return CompositionView(
        scenarios=tuple(teller.scenario(scenario) for scenario in found.scenarios),
        blockers=teller.blockers(found.unmet),
        warnings=_warnings(session, person),
    )


class Prepared(NamedTuple):
    """A person in front of a goal, as the engine reads them."""

    world: World
    record: engine.Person
    goal: pathways.Goal
    options: pathways.PathwayOptions


def prepare(
    session: Session,
    person: Person,
    offer: JobOffer | None,
    occupation: Occupation | None,
    behind: Sequence[PathwayStep] = (),
) -> Prepared:
    """The records of a person and a goal; what the steps ``behind`` brought counts as known.

    Raises :class:`NothingKnownError` when the commune, or the offer's trade, place or dates,
    are missing.
    """
    if person.commune_code is None:
        raise NothingKnownError(_("Indiquez d’abord la commune de la personne."))
    world = current_world(session)
    canonical = world.nomenclature.canonical
    record = loading.person_record(session, person, canonical, world.today)
    goal = _goal(session, offer, occupation, canonical)
    record = loading.with_training(record, (s.session for s in behind if s.session), canonical)
    return Prepared(world, record, goal, _options(session, person, behind))


def _goal(
    session: Session,
    offer: JobOffer | None,
    occupation: Occupation | None,
    canonical: Mapping[str, str],
) -> pathways.Goal:
    if offer is not None:
        try:
            return loading.offer_record(offer, canonical)
        except ValueError as error:
            raise NothingKnownError(
                _("L’offre doit d’abord avoir un métier, un lieu et des dates.")
            ) from error
    if occupation is None:
        raise ValueError("a pathway goes towards an offer or an occupation")
    code = canonical.get(occupation.code, occupation.code)
    return pathways.OccupationGoal(code, tuple(regulatory_credentials(session, code)))


def _options(
    session: Session, person: Person, behind: Sequence[PathwayStep]
) -> pathways.PathwayOptions:
    """Strong barriers with a date delay the steps, as does the step under way (§4.3)."""
    barriers = tuple(
        pathways.Barrier(barrier.theme.label, barrier.target_date)
        for barrier in _strong_barriers(session, person)
        if barrier.target_date is not None
    )
    under_way = [
        step.end
        for step in behind
        if step.kind in _OCCUPYING and step.state is StepState.IN_PROGRESS
    ]
    after = max(under_way) + timedelta(days=1) if under_way else None
    return pathways.PathwayOptions(barriers=barriers, not_before=after)


def _strong_barriers(session: Session, person: Person) -> list[Barrier]:
    rows = session.scalars(
        select(Barrier)
        .where(
            Barrier.person_id == person.id,
            Barrier.impact == BarrierImpact.STRONG,
            Barrier.state.in_(_PENDING_BARRIER),
        )
        .order_by(Barrier.id)
    )
    return list(rows)


def _warnings(session: Session, person: Person) -> tuple[str, ...]:
    return tuple(
        _(
            "%(theme)s\u00a0: frein fort, sans date. Donnez une date pour en tenir compte.",
            theme=barrier.theme.label,
        )
        for barrier in _strong_barriers(session, person)
        if barrier.target_date is None
    )


Key = tuple[str, str]


def key_of(need: engine.Prerequisite) -> Key:
    return ("skill", need.skill) if need.skill is not None else ("credential", str(need.credential))


def need_labels(session: Session, needs: Iterable[engine.Prerequisite]) -> dict[Key, str]:
    keys = {key_of(need) for need in needs}
    skills = reading.skill_labels(session, (code for kind, code in keys if kind == "skill"))
    types = dict(session.execute(select(CredentialType.code, CredentialType.label)).all())
    found: dict[Key, str] = {("skill", code): label for code, label in skills.items()}
    found.update({("credential", code): label for code, label in types.items()})
    return found


class Teller:
    """Tells a composition with the rows and labels it is about, read once."""

    def __init__(
        self,
        session: Session,
        actor: Actor,
        offer: JobOffer | None,
        occupation: Occupation | None,
        scenarios: Sequence[pathways.Scenario],
        unmet: pathways.UnmetNeed | None = None,
    ) -> None:
        steps = [step for scenario in scenarios for step in scenario.steps]
        blockers = unmet.blockers if unmet else ()
        near = [miss.session for blocker in blockers for miss in blocker.nearest]
        needs = [asked.need for step in steps for asked in step.asks]
        needs += [need for step in steps for need in step.covers]
        needs += [blocker.need for blocker in blockers if blocker.need]
        self.labels = need_labels(session, needs)
        self.sessions = reading.sessions_by_id(
            session, [*(step.session for step in steps if step.session), *near]
        )
        codes = {step.commune for step in steps if step.commune}
        rows = session.scalars(select(Commune).where(Commune.code.in_(codes)))
        self.communes = {row.code: row for row in rows}
        self.offer = offer
        self.occupation = occupation or (offer.occupation if offer else None)
        self.actor = actor

    def scenario(self, scenario: pathways.Scenario) -> ScenarioView:
        """One scenario."""
        return ScenarioView(
            names=tuple(name.value for name in scenario.names),
            steps=tuple(self._step(step) for step in scenario.steps),
            hire_on=scenario.hire,
            certifications=tuple(
                self.labels.get(("credential", code), code) for code in scenario.certifications
            ),
            unknowns=scenario.unknowns,
        )

    def _step(self, step: pathways.Step) -> StepView:
        row = self.sessions.get(step.session or "")
        minutes = step.minutes
        return StepView(
            kind=step.kind.value,
            title=self._title(step, row),
            start=step.start,
            end=step.end,
            weekly_hours=self._hours(step, row),
            commune=self.communes.get(step.commune or ""),
            minutes=minutes if minutes is not None and isfinite(minutes) else None,
            organisation=self._organisation(step, row),
            session=row,
            offer=self.offer if step.kind is pathways.StepKind.HIRE else None,
            # What the immersion shows is no question any more.
            to_check=tuple(self._words(a.need) for a in step.asks if a.to_check and not a.observed),
            brings=tuple(self._words(need) for need in step.covers),
        )

    def _words(self, need: engine.Prerequisite) -> str:
        kind, code = key_of(need)
        return self.labels.get((kind, code), code)

    def _title(self, step: pathways.Step, row: TrainingSession | None) -> str:
        trade = self.occupation.label if self.occupation else ""
        if step.kind is pathways.StepKind.TRAINING and row is not None:
            return row.action.program.title
        if step.kind is pathways.StepKind.CHECK:
            return str(StepKind.CHECK.label)
        if step.kind is pathways.StepKind.BARRIER:
            return str(_("Lever\u00a0: %(what)s", what=", ".join(step.labels)))
        if step.kind is pathways.StepKind.IMMERSION:
            return str(_("Immersion\u00a0: essayer le métier (%(trade)s)", trade=trade))
        return str(_("Embauche\u00a0: %(trade)s", trade=(self.offer and self.offer.title) or trade))

    def _hours(self, step: pathways.Step, row: TrainingSession | None) -> float | None:
        if step.kind is pathways.StepKind.TRAINING and row is not None:
            return row.weekly_hours
        if step.kind is pathways.StepKind.IMMERSION:
            return IMMERSION_HOURS
        if step.kind is pathways.StepKind.HIRE and self.offer is not None:
            return self.offer.weekly_hours
        return None

    def _organisation(self, step: pathways.Step, row: TrainingSession | None) -> str | None:
        if step.kind is pathways.StepKind.TRAINING and row is not None:
            return row.action.organiser_name
        if step.kind is pathways.StepKind.HIRE and self.offer and self.offer.establishment:
            named = sees_employer_name(self.actor, self.offer)
            return self.offer.establishment.name if named else None
        return None

    def blockers(self, unmet: pathways.UnmetNeed | None) -> tuple[BlockerView, ...]:
        """What blocks, in words."""
        return tuple(
            BlockerView(
                label=self._words(blocker.need) if blocker.need else None,
                reason=blocker.reason.value,
                reason_text=blocker_text(blocker.reason),
                nearest_date=blocker.nearest_date,
                sessions=tuple(
                    self.sessions[miss.session]
                    for miss in blocker.nearest
                    if miss.session in self.sessions
                ),
            )
            for blocker in (unmet.blockers if unmet else ())
        )
