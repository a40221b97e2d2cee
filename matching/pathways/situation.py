"""A person, a goal and today, turned into the numbers the search reads (days are ordinals)."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np

from matching.pathways.plans import (
    OCCUPYING,
    Goal,
    OccupationGoal,
    PathwayOptions,
    PathwayWorld,
    StepKind,
)
from matching.records import LEVEL_ALONE, Commune, Offer, Person, Prerequisite, Session
from matching.requirements import (
    OUTCOMES,
    Outcome,
    Subject,
    classify,
    facts_of,
    level_of,
    subject_of,
    threshold_of,
)
from matching.sessions import HORIZON_DAYS, Availability
from matching.travel import Places, shortest_minutes


@dataclass(frozen=True, slots=True)
class Target:
    """The job: what it asks to start, where, and between which days it can start."""

    id: str
    needs: tuple[Prerequisite, ...]
    shown: frozenset[str]
    commune: str | None
    offer: str | None
    wanted: int
    latest: int


@dataclass(frozen=True, slots=True)
class Immersion:
    """The only immersion worth planning: the nearest place, as early as allowed."""

    start: int
    end: int
    commune: str


class Traveller:
    """A person in a world: what their goals share, each part worked out when first asked."""

    def __init__(self, world: PathwayWorld, person: Person, today: date) -> None:
        self.world, self.person, self.today = world, person, today
        self.facts: Mapping[Subject, int] = facts_of(person)
        self._minutes: dict[str, float] = {}

    @cached_property
    def availability(self) -> Availability:
        """The person before each session of the world."""
        day = self.today.toordinal()
        return self.world.sessions.availability(self.person, day, self.world.communes)

    def minutes_to(self, codes: Iterable[str]) -> dict[str, float]:
        """Minutes one way to each commune by the person's best mode; infinite if unknown."""
        asked = sorted(set(codes))
        new = [code for code in asked if code not in self._minutes]
        if new:
            communes: Mapping[str, Commune] = self.world.communes
            places, _ = Places.build(new, communes)
            km = places.km_from(self.person.commune, communes)
            minutes = shortest_minutes(self.person.modes, km)
            self._minutes.update(zip(new, minutes.tolist(), strict=True))
        return {code: self._minutes[code] for code in asked}


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything the search, the story of a scenario and the checks share."""

    traveller: Traveller
    target: Target
    today: int
    options: PathwayOptions
    floors: Mapping[StepKind, int]

    @property
    def person(self) -> Person:
        """Who goes."""
        return self.traveller.person

    @property
    def facts(self) -> Mapping[Subject, int]:
        """What is known of the person, as numbers."""
        return self.traveller.facts

    def floor(self, kind: StepKind) -> int:
        """The first day on which a step of this kind may start."""
        return self.floors[kind]

    @property
    def first_hire(self) -> int:
        """The first day of the job if nothing has to be done before."""
        return max(self.target.wanted, self.floors[StepKind.HIRE])

    def hire_after(self, end: int | None) -> int | None:
        """The day of the hire after a step that ends on ``end``; None when it is too late."""
        latest = self.target.latest
        if end is None:
            return self.first_hire if self.first_hire <= latest else None
        # A step that ends on the last day still allows the job (group 2 of the ranking).
        day = max(self.first_hire, min(end + 1, latest))
        return day if max(day, end) <= latest else None

    def outcome(self, need: Prerequisite, on: int) -> Outcome:
        """The class of a requirement by the person's own facts on a day."""
        return self.outcomes([need], on)[0]

    def outcomes(self, needs: list[Prerequisite], on: int) -> list[Outcome]:
        """The classes of several requirements by the person's own facts on a day."""
        facts = np.array([self.facts.get(subject_of(n), -1) for n in needs], dtype=np.int64)
        thresholds = np.array([threshold_of(n, on) for n in needs], dtype=np.int64)
        return [OUTCOMES[c] for c in classify(facts, thresholds)]

    def minutes_to(self, codes: Iterable[str]) -> dict[str, float]:
        """Minutes one way to each commune by the person's best mode; infinite if unknown."""
        return self.traveller.minutes_to(codes)

    def in_reach(self, minutes: float) -> bool:
        """Whether the person accepts the way."""
        return minutes <= self.person.max_minutes

    def barrier_dates(self, kinds: frozenset[StepKind]) -> dict[frozenset[StepKind], int]:
        """For each set of blocked kinds that concerns ``kinds``: when the last is lifted."""
        dates: dict[frozenset[StepKind], int] = {}
        for barrier in self.options.barriers:
            day = barrier.solved_on.toordinal()
            if day > self.today and barrier.blocks & kinds:
                dates[barrier.blocks] = max(day, dates.get(barrier.blocks, day))
        return dates

    def immersion(self) -> Immersion | None:
        """Where and when the trade could be tried; None when nowhere, or too late."""
        default = self.target.commune or self.person.commune
        minutes = self.minutes_to(self.options.immersion_communes or (default,))
        reachable = sorted((m, code) for code, m in minutes.items() if self.in_reach(m))
        start = self.floor(StepKind.IMMERSION)
        end = min(start + self.options.immersion_days - 1, month_after(start))
        if not reachable or end > self.target.latest:
            return None
        return Immersion(start, end, reachable[0][1])


def month_after(day: int) -> int:
    """One month date to date (the 31st of January leads to the last of February)."""
    start = date.fromordinal(day)
    year, month = start.year + start.month // 12, start.month % 12 + 1
    last = calendar.monthrange(year, month)[1]
    return date(year, month, min(start.day, last)).toordinal()


def covers(session: Session, need: Prerequisite) -> bool:
    """Whether the session teaches the skill at the level, or delivers the credential."""
    if need.skill is None:
        return need.credential in session.delivers
    return session.teaches.get(need.skill, -1) >= level_of(need)


def plain(need: Prerequisite) -> Prerequisite:
    """The bare prerequisite of a requirement: two that ask the same are equal."""
    return Prerequisite(skill=need.skill, level=need.level, credential=need.credential)


def need_key(need: Prerequisite) -> tuple[str, str, int]:
    """An order on prerequisites: credentials, then skills, each by id and level."""
    about = subject_of(need)
    return (about.kind, about.id, level_of(need))


def study(
    world: PathwayWorld, person: Person, goal: Goal, today: date, options: PathwayOptions
) -> Situation:
    """Put a person in front of a goal (see ``study_as``)."""
    return study_as(Traveller(world, person, today), goal, options)


def study_as(traveller: Traveller, goal: Goal, options: PathwayOptions) -> Situation:
    """Put a person in front of a goal, with what is already worked out for them.

    Raises LookupError for an occupation that the taxonomy does not know, or of which
    nothing is known to be asked: a pathway to it would promise a hire on no ground.
    """
    world, person, today = traveller.world, traveller.person, traveller.today
    horizon = today + timedelta(days=HORIZON_DAYS)
    if isinstance(goal, Offer):
        target = _offer_target(world, goal, horizon)
    else:
        target = _occupation_target(world, goal, today, horizon)
    day = today.toordinal()
    floors = {kind: _floor(person, day, options, kind) for kind in sorted(OCCUPYING)}
    return Situation(traveller, target, day, options, floors)


def _floor(person: Person, today: int, options: PathwayOptions, kind: StepKind) -> int:
    days = [today, person.available_from.toordinal()]
    if options.not_before is not None:
        days.append(options.not_before.toordinal())
    days.extend(b.solved_on.toordinal() for b in options.barriers if kind in b.blocks)
    if kind is StepKind.IMMERSION:
        days.append(today + options.immersion_notice)
    return max(days)


def _offer_target(world: PathwayWorld, offer: Offer, horizon: date) -> Target:
    occupation = world.taxonomy.occupations.get(offer.occupation)
    needs = {plain(r) for r in offer.requirements if r.decides}
    core = occupation.core_skills if occupation else ()
    return Target(
        id=offer.id,
        needs=tuple(sorted(needs, key=need_key)),
        shown=frozenset(core) | {n.skill for n in needs if n.skill is not None},
        commune=offer.commune,
        offer=offer.id,
        wanted=offer.start_wanted.toordinal(),
        latest=min(offer.start_latest, horizon).toordinal(),
    )


def _occupation_target(
    world: PathwayWorld, goal: OccupationGoal, today: date, horizon: date
) -> Target:
    occupation = world.taxonomy.occupations.get(goal.occupation)
    if occupation is None:
        raise LookupError(f"unknown occupation {goal.occupation}")
    needs = {Prerequisite(skill=skill, level=LEVEL_ALONE) for skill in occupation.core_skills}
    needs |= {Prerequisite(credential=credential) for credential in goal.credentials}
    if not needs:
        raise LookupError(f"nothing is known of what occupation {goal.occupation} asks")
    return Target(
        id=goal.occupation,
        needs=tuple(sorted(needs, key=need_key)),
        shown=frozenset(occupation.core_skills),
        commune=None,
        offer=None,
        wanted=today.toordinal(),
        latest=horizon.toordinal(),
    )


def all_kinds(immersed: bool, trained: bool) -> frozenset[StepKind]:
    """The occupying kinds of a scenario."""
    absent = set()
    if not immersed:
        absent.add(StepKind.IMMERSION)
    if not trained:
        absent.add(StepKind.TRAINING)
    return OCCUPYING - absent
