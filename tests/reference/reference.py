"""The matching rules written as plainly as they read: slow loops, one pair at a time.

It shares only the records with the engine. Every function quotes the rule it follows.
"""

from __future__ import annotations

import hashlib
import math
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction

from matching.records import (
    Commune,
    Offer,
    Person,
    Prerequisite,
    Requirement,
    RequirementKind,
    Session,
    Taxonomy,
)

MET, UNKNOWN, GAP = "met", "unknown", "gap"
SPEED = {"walk": 4.5, "bike": 14, "bus": 20, "moped": 35, "car": 50}
WAIT = {"walk": 0, "bike": 2, "bus": 15, "moped": 3, "car": 5}
GROUP_ORDER = ["ready", "one_step", "to_check", "longer_path", "gap"]


@dataclass(frozen=True)
class World:
    """Everything the engine knows."""

    people: list[Person]
    offers: list[Offer]
    sessions: list[Session]
    communes: list[Commune]
    taxonomy: Taxonomy
    today: date


@dataclass(frozen=True)
class ReferencePair:
    """One line of a list, with every number the line shows."""

    person: str
    offer: str
    group: str
    ready_by: date | None
    unknown: int
    doubt: int
    gap: int
    desired_met: int
    minutes: float
    interest: int


# --- travel -----------------------------------------------------------------------------


def kilometres(world: World, a: str, b: str) -> float | None:
    """« great-circle distance between commune centres, at least 2; 2 inside one commune »."""
    if a == b:
        return 2.0
    centres = {commune.code: commune for commune in world.communes}
    if a not in centres or b not in centres:
        return None
    lat1, lon1 = math.radians(centres[a].latitude), math.radians(centres[a].longitude)
    lat2, lon2 = math.radians(centres[b].latitude), math.radians(centres[b].longitude)
    h = (
        math.sin((lat2 - lat1) / 2) ** 2
        + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    )
    return max(2.0, 2 * 6371.0 * math.asin(math.sqrt(h)))


def minutes(world: World, person: Person, commune: str, *, by_car: bool = False) -> float | None:
    """« the least over the person's modes (no mode: walk) »; None where nothing is known."""
    km = kilometres(world, person.commune, commune)
    if km is None:
        return None
    modes = [str(mode) for mode in person.modes] or ["walk"]
    if by_car:
        modes = [*modes, "car"]
    return min(WAIT[mode] + 60 * 1.3 * km / SPEED[mode] for mode in modes)


def in_reach(world: World, person: Person, commune: str, *, by_car: bool = False) -> bool:
    """« A pair is in reach when it is ≤ max_minutes »."""
    taken = minutes(world, person, commune, by_car=by_car)
    return taken is not None and taken <= person.max_minutes


# --- one requirement, one person --------------------------------------------------------


def outcome(person: Person, need: Prerequisite, on: date) -> str:
    """« met », « unknown » or « gap », credentials judged on the day given."""
    if need.skill is not None:
        if need.skill not in person.skills:
            return UNKNOWN
        return MET if person.skills[need.skill] >= need.level else GAP
    if need.credential in person.credentials:
        expiry = person.credentials[need.credential]
        return MET if expiry is None or on <= expiry else GAP
    return GAP if need.credential in person.no_credentials else UNKNOWN


def is_backed(world: World, person: Person, need: Prerequisite) -> bool:
    """« holds another skill of the same group at the required level or above »."""
    if need.skill is None or need.skill not in world.taxonomy.skills:
        return False
    group = world.taxonomy.skills[need.skill].group
    if group is None:
        return False
    for other, level in person.skills.items():
        if other == need.skill or other not in world.taxonomy.skills:
            continue
        if world.taxonomy.skills[other].group == group and level >= need.level:
            return True
    return False


def deciding(person: Person, offer: Offer, wanted: str) -> list[Requirement]:
    """« Only regulatory and day_one requirements decide. »"""
    return [
        need
        for need in offer.requirements
        if need.kind in (RequirementKind.REGULATORY, RequirementKind.DAY_ONE)
        and outcome(person, need, offer.start_wanted) == wanted
    ]


# --- sessions ---------------------------------------------------------------------------


def covers(session: Session, need: Prerequisite) -> bool:
    """« teaches that skill at the required level or above, or delivers that credential »."""
    if need.skill is not None:
        return need.skill in session.teaches and session.teaches[need.skill] >= need.level
    return need.credential in session.delivers


def is_reachable(world: World, person: Person, session: Session) -> bool:
    """Seats, a start on or after max(today, available_from), remote or in reach."""
    return (
        session.seats_left > 0
        and session.start >= max(world.today, person.available_from)
        and (session.remote or in_reach(world, person, session.commune))
    )


def is_open(world: World, person: Person, session: Session) -> bool:
    """Reachable, « and no prerequisite is a gap » on the day the session starts."""
    return is_reachable(world, person, session) and all(
        outcome(person, need, session.start) != GAP for need in session.prerequisites
    )


# --- one pair ---------------------------------------------------------------------------


def group_1_or_2(
    world: World, person: Person, offer: Offer, gaps: list[Requirement]
) -> tuple[str, date] | None:
    """Groups 1 and 2 with U = ∅ (or taken as met), and the day ready."""
    if not gaps:
        if person.available_from <= offer.start_wanted:
            return "ready", max(world.today, person.available_from)
        if offer.start_wanted < person.available_from <= offer.start_latest:
            return "one_step", person.available_from
        return None
    ends = [
        session.end
        for session in world.sessions
        if is_open(world, person, session)
        and session.end <= offer.start_latest
        and all(covers(session, need) for need in gaps)
    ]
    return ("one_step", min(ends)) if ends else None


def group_4(world: World, person: Person, gaps: list[Requirement]) -> date | None:
    """« every gap is covered by some session … prerequisites aside »: the day ready."""
    horizon = world.today + timedelta(days=365)
    if person.available_from > horizon:
        return None
    latest = []
    for need in gaps:
        ends = [
            session.end
            for session in world.sessions
            if covers(session, need)
            and is_reachable(world, person, session)
            and session.end <= horizon
        ]
        if not ends:
            return None
        latest.append(min(ends))
    return max(latest) if latest else max(world.today, person.available_from)


def group_of(world: World, person: Person, offer: Offer) -> tuple[str, date | None]:
    """The group and ``ready_by`` of a pair in reach."""
    unknowns, gaps = deciding(person, offer, UNKNOWN), deciding(person, offer, GAP)
    near = group_1_or_2(world, person, offer, gaps)
    if near is not None:
        name, day = near
        return ("to_check" if unknowns else name), day
    later = group_4(world, person, gaps)
    return ("longer_path", later) if later is not None else ("gap", None)


def interest(world: World, person: Person, offer: Offer) -> int:
    """0 liked, 1 neighbour of a liked one, 2 neutral, 3 disliked."""
    said = person.interests.get(offer.occupation)
    if said is not None:
        return 0 if said == 1 else 3
    liked = [code for code, value in person.interests.items() if value == 1]
    known = [
        world.taxonomy.occupations[code] for code in liked if code in world.taxonomy.occupations
    ]
    if any(offer.occupation in occupation.neighbours for occupation in known):
        return 1
    return 2


def pair(world: World, person: Person, offer: Offer) -> ReferencePair:
    """A pair in reach."""
    group, ready_by = group_of(world, person, offer)
    unknowns = deciding(person, offer, UNKNOWN)
    desired = [need for need in offer.requirements if need.kind is RequirementKind.DESIRED]
    taken = minutes(world, person, offer.commune)
    assert taken is not None
    return ReferencePair(
        person.id,
        offer.id,
        group,
        ready_by,
        len(unknowns),
        sum(not is_backed(world, person, need) for need in unknowns),
        len(deciding(person, offer, GAP)),
        sum(outcome(person, need, offer.start_wanted) == MET for need in desired),
        taken,
        interest(world, person, offer),
    )


# --- lists ------------------------------------------------------------------------------


def keys(found: ReferencePair, proposed: date | None, *, equity: bool) -> tuple[object, ...]:
    """The group, then the eight keys of « Order inside a group »."""
    week = tuple(found.ready_by.isocalendar())[:2] if found.ready_by else (10**6, 0)
    bucket = next((n for n, most in enumerate((30, 45, 60)) if found.minutes <= most), 3)
    last = (proposed is not None, proposed or date.min) if equity else ()
    digest = hashlib.sha256(f"{found.offer}|{found.person}".encode()).hexdigest()
    return (
        GROUP_ORDER.index(found.group),
        found.interest,
        week,
        found.doubt,
        found.unknown + found.gap,
        -found.desired_met,
        bucket,
        last,
        digest,
    )


def beyond(world: World, pairs: list[tuple[Person, Offer]]) -> tuple[int, int]:
    """Out of reach, and how many of those a car would bring in reach."""
    out = [(p, o) for p, o in pairs if not in_reach(world, p, o.commune)]
    return len(out), sum(in_reach(world, p, o.commune, by_car=True) for p, o in out)


def list_of_person(world: World, person: Person) -> tuple[list[ReferencePair], tuple[int, int]]:
    """The person's own list: disliked left out, equity skipped."""
    found = [pair(world, person, o) for o in world.offers if in_reach(world, person, o.commune)]
    found = [line for line in found if line.interest != 3]
    found.sort(key=lambda line: keys(line, None, equity=False))
    return found, beyond(world, [(person, offer) for offer in world.offers])


def list_of_offer(world: World, offer: Offer) -> tuple[list[ReferencePair], tuple[int, int]]:
    """The adviser's list: disliked kept, equity counted."""
    near = [p for p in world.people if in_reach(world, p, offer.commune)]
    found = [(pair(world, person, offer), person.last_proposed) for person in near]
    found.sort(key=lambda line: keys(*line, equity=True))
    return [line for line, _ in found], beyond(world, [(p, offer) for p in world.people])


# --- questions and simulator ------------------------------------------------------------


def questions(world: World, person: Person) -> list[tuple[str, str, Fraction, int]]:
    """Every unknown of the list's « to check » pairs: kind, id, sum of 1/|U|, pairs."""
    weight: dict[tuple[str, str], Fraction] = {}
    pairs: dict[tuple[str, str], int] = {}
    offers = {offer.id: offer for offer in world.offers}
    for line in list_of_person(world, person)[0]:
        if line.group != "to_check":
            continue
        unknowns = deciding(person, offers[line.offer], UNKNOWN)
        for about in {
            ("skill", n.skill) if n.skill else ("credential", n.credential) for n in unknowns
        }:
            weight[about] = weight.get(about, Fraction(0)) + Fraction(1, len(unknowns))
            pairs[about] = pairs.get(about, 0) + 1
    best = sorted(weight, key=lambda about: (-weight[about], about[0] != "skill", about[1]))
    return [(*about, weight[about], pairs[about]) for about in best]


def simulation(world: World, offer: Offer) -> list[tuple[tuple[int, int], ...]]:
    """For each requirement: (ready, one_step) now, if desired, if planned."""

    def counts(asked: Offer) -> tuple[int, int]:
        groups = [line.group for line in list_of_offer(world, asked)[0]]
        return groups.count("ready"), groups.count("one_step")

    def with_kind(row: int, kind: RequirementKind) -> Offer:
        needs = list(offer.requirements)
        needs[row] = replace(needs[row], kind=kind)
        return replace(offer, requirements=tuple(needs))

    return [
        (
            counts(offer),
            counts(with_kind(row, RequirementKind.DESIRED)),
            counts(with_kind(row, RequirementKind.TRAINING_PLANNED)),
        )
        for row in range(len(offer.requirements))
    ]
