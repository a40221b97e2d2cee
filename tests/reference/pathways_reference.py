"""The pathway rules applied plainly: every subset of sessions is tried, one by one.

Travel is reduced to what the small worlds of the tests need: a person reaches their own
commune and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations, pairwise

from matching.pathways import Goal, PathwayOptions, StepKind
from matching.records import Offer, Person, Prerequisite, Session, Taxonomy

DAY = timedelta(days=1)
Measure = tuple[date, int, bool]


@dataclass(frozen=True)
class Way:
    """A possible scenario: what dominance compares is ``measure`` (less is better)."""

    measure: Measure
    steps: int
    sessions: tuple[str, ...]
    immersed: bool


@dataclass(frozen=True)
class Case:
    sessions: Sequence[Session]
    taxonomy: Taxonomy
    person: Person
    goal: Goal
    today: date
    options: PathwayOptions

    @property
    def horizon(self) -> date:
        return self.today + timedelta(days=365)

    @property
    def latest(self) -> date:
        return min(self.goal.start_latest, self.horizon) if self.is_offer else self.horizon

    @property
    def is_offer(self) -> bool:
        return isinstance(self.goal, Offer)

    @property
    def needs(self) -> list[Prerequisite]:
        if isinstance(self.goal, Offer):
            return [r for r in self.goal.requirements if r.decides]
        core = self.taxonomy.occupations[self.goal.occupation].core_skills
        return [Prerequisite(skill=s, level=2) for s in core] + [
            Prerequisite(credential=c) for c in self.goal.credentials
        ]

    @property
    def shown(self) -> set[str]:
        occupation = self.taxonomy.occupations.get(self.goal.occupation)
        core = set(occupation.core_skills) if occupation else set()
        return core | {n.skill for n in self.needs if n.skill}

    def floor(self, kind: StepKind) -> date:
        days = [self.today, self.person.available_from, self.options.not_before or self.today]
        days += [b.solved_on for b in self.options.barriers if kind in b.blocks]
        if kind is StepKind.IMMERSION:
            days.append(self.today + timedelta(days=self.options.immersion_notice))
        return max(days)

    def fact(self, need: Prerequisite, on: date) -> str:
        person = self.person
        if need.skill is not None:
            if need.skill not in person.skills:
                return "unknown"
            return "met" if person.skills[need.skill] >= need.level else "gap"
        if need.credential in person.credentials:
            expiry = person.credentials[need.credential]
            return "met" if expiry is None or on <= expiry else "gap"
        return "gap" if need.credential in person.no_credentials else "unknown"


def covers(session: Session, need: Prerequisite) -> bool:
    if need.skill is not None:
        return session.teaches.get(need.skill, -1) >= need.level
    return need.credential in session.delivers


def ways(case: Case) -> list[Way]:
    """Every allowed scenario."""
    if case.is_offer and case.goal.commune != case.person.commune:
        return []
    usable = sorted(
        (
            s
            for s in case.sessions
            if s.seats_left > 0
            and (s.remote or s.commune == case.person.commune)
            and s.start >= case.floor(StepKind.TRAINING)
            and s.end <= case.latest
        ),
        key=lambda s: (s.start, s.end, s.id),
    )
    found = []
    for size in range(6):
        for chain in combinations(usable, size):
            if all(a.end < b.start for a, b in pairwise(chain)):
                found += [w for w in (_way(case, chain, i) for i in (False, True)) if w]
    return found


def front(case: Case) -> list[Way]:
    """The scenarios that no other dominates."""
    found = ways(case)
    return [w for w in found if not any(dominates(v.measure, w.measure) for v in found)]


def shortest(case: Case) -> set[tuple[date, int, bool, bool, int]]:
    """The front as (measure, immersed, fewest steps) for each measure and variant."""
    steps: dict[tuple[Measure, bool], int] = {}
    for way in front(case):
        key = (way.measure, way.immersed)
        steps[key] = min(way.steps, steps.get(key, way.steps))
    return {(*measure, immersed, n) for (measure, immersed), n in steps.items()}


def dominates(one: Measure, other: Measure) -> bool:
    return one != other and all(a <= b for a, b in zip(one, other, strict=True))


def named(case: Case) -> dict[str, tuple[Measure, int]]:
    """For fast and safe, the measure and the number of steps of the scenario that earns it."""
    best = front(case)
    picks = {
        "fast": min(((w.measure, w.steps) for w in best), default=None),
        "safe": min(((w.measure, w.steps) for w in best if w.immersed), default=None),
    }
    return {name: pick for name, pick in picks.items() if pick is not None}


def _way(case: Case, chain: tuple[Session, ...], immersed: bool) -> Way | None:
    last = case.today - DAY
    if immersed:
        span = _immersion(case)
        if span is None or (chain and chain[0].start <= span[1]):
            return None
        last = span[1]
    last = chain[-1].end if chain else last
    floor = case.floor(StepKind.HIRE)
    wanted = max(case.goal.start_wanted, floor) if case.is_offer else floor
    hire = max(wanted, min(last + DAY, case.latest)) if chain or immersed else wanted
    if hire > case.latest or _padded(case, chain):
        return None
    unknowns = _unknowns(case, chain, immersed, hire)
    if unknowns is None:
        return None
    kinds = {StepKind.HIRE} | ({StepKind.TRAINING} if chain else set())
    kinds |= {StepKind.IMMERSION} if immersed else set()
    blocks = {
        b.blocks for b in case.options.barriers if b.solved_on > case.today and b.blocks & kinds
    }
    steps = len(chain) + 1 + immersed + len(blocks) + bool(unknowns)
    won = {c for s in chain for c in s.delivers if _new(case, c)}
    if steps > 6:
        return None
    return Way((hire, unknowns, not won), steps, tuple(s.id for s in chain), immersed)


def _immersion(case: Case) -> tuple[date, date] | None:
    place = case.goal.commune if case.is_offer else case.person.commune
    places = case.options.immersion_communes or (place,)
    start = case.floor(StepKind.IMMERSION)
    end = start + timedelta(days=case.options.immersion_days - 1)
    if case.person.commune not in places or end > case.latest:
        return None
    return start, end


def _steps(case: Case, chain: tuple[Session, ...], hire: date) -> Iterator[tuple[int, date, list]]:
    for place, session in enumerate(chain):
        yield place, session.start, list(session.prerequisites)
    yield len(chain), hire, case.needs


def _unknowns(case: Case, chain: tuple[Session, ...], immersed: bool, hire: date) -> int | None:
    to_check = set()
    for place, day, needs in _steps(case, chain, hire):
        for need in needs:
            if any(covers(s, need) for s in chain[:place]):
                continue
            state = case.fact(need, day)
            if state == "gap":
                return None
            observed = immersed and need.skill in case.shown
            if state == "unknown" and not observed:
                to_check.add(("skill", need.skill) if need.skill else ("cred", need.credential))
    return len(to_check)


def _padded(case: Case, chain: tuple[Session, ...]) -> bool:
    spare = [i for i in range(len(chain)) if not _needed(case, chain, i)]
    return len(spare) > 1 or any(not _relevant(case, chain[i]) for i in spare)


def _needed(case: Case, chain: tuple[Session, ...], out: int) -> bool:
    for place, _, needs in _steps(case, chain, case.latest):
        others = [s for i, s in enumerate(chain[:place]) if i != out]
        for need in needs if place > out else ():
            given = covers(chain[out], need) and not any(covers(s, need) for s in others)
            if given and case.fact(need, case.latest) == "gap":
                return True
    return False


def _relevant(case: Case, session: Session) -> bool:
    asked = [n for n in case.needs if case.fact(n, case.latest) != "met"]
    return any(_new(case, c) for c in session.delivers) and any(covers(session, n) for n in asked)


def _new(case: Case, credential: str) -> bool:
    return case.fact(Prerequisite(credential=credential), case.horizon) != "met"
