"""Sessions that suit people, and people ready for trades."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

import matching as engine
from matching.groups import ONE_STEP, READY, TO_CHECK
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.matchmaking.occupations import UsualRequirement, usual_requirements_of
from portal.matchmaking.world import cache_of, current_world
from portal.models import Person

# How long after its first day a quarter's job may still be taken up.
_QUARTER = timedelta(days=90)


def session_matches(session: Session, actor: Actor) -> Mapping[str, Sequence[Person]]:
    """For each session (public id), the people of the actor's own portfolio whom it brings nearer.

    The session is open to the person and teaches something that a job of their list asks.
    """
    rows = session.scalars(
        select(Person)
        .where(people_access.own_portfolio(actor), people_access.may_write(actor))
        .order_by(Person.last_name, Person.first_name)
    )
    return matches_of_people(session, rows)


def matches_of_people(session: Session, people: Iterable[Person]) -> Mapping[str, Sequence[Person]]:
    """The same for people the caller answers for, each session's in the order given."""
    world = current_world(session)
    table, known = world.index.people, {row.public_id: row for row in people}
    records = [table.people[table.number[name]] for name in known if name in table.number]
    matches = cache_of(session).matches_of(world, records)
    found: dict[str, list[Person]] = defaultdict(list)
    for name, row in known.items():
        for session_id in matches.get(name, ()):
            found[session_id].append(row)
    return found


def session_starts(session: Session, names: Collection[str]) -> dict[str, date]:
    """The first day of these sessions (public ids), as the lists know them."""
    known = current_world(session).index.sessions.sessions
    return {one.id: one.start for one in known if one.id in names}


@dataclass(frozen=True, slots=True)
class Readiness:
    """How many people stand where for a trade, at a place and a date."""

    ready: int
    one_step: int
    to_check: int


def readiness(
    session: Session,
    *,
    occupation_code: str,
    commune_code: str,
    dates: Iterable[date],
    departement_code: str | None,
) -> dict[date, Readiness]:
    """People ready for an occupation's usual requirements on each date.

    Counts people of a département (None: all), whoever follows them: no name leaves.
    """
    return readiness_by_occupation(
        session,
        occupation_codes=(occupation_code,),
        commune_code=commune_code,
        dates=tuple(dates),
        departement_code=departement_code,
    )[occupation_code]


def readiness_by_occupation(
    session: Session,
    *,
    occupation_codes: Collection[str],
    commune_code: str,
    dates: Sequence[date],
    departement_code: str | None,
) -> dict[str, dict[date, Readiness]]:
    """:func:`readiness` of several occupations: who is counted is settled once for all."""
    world = current_world(session)
    index, canonical = world.index, world.nomenclature.canonical
    if departement_code is not None:
        query = select(Person.public_id).where(
            people_access.is_active(), Person.departement_code == departement_code
        )
        index = cache_of(session).among(world, session.scalars(query))
    found: dict[str, dict[date, Readiness]] = {}
    current = {code: canonical.get(code, code) for code in occupation_codes}
    for code, usual in usual_requirements_of(session, set(current.values())).items():
        requirements = _requirements(usual, canonical)
        found[code] = {
            on: _count(
                index,
                engine.Offer("readiness", code, commune_code, on, on + _QUARTER, 1, requirements),
            )
            for on in dates
        }
    return {code: found[now] for code, now in current.items()}


def _count(index: engine.Index, offer: engine.Offer) -> Readiness:
    """Counted, never ranked: the lists of a whole project would take seconds."""
    judged = index.judge_offer(offer)
    group = judged.verdicts.group[judged.in_reach]
    return Readiness(*(int((group == wanted).sum()) for wanted in (READY, ONE_STEP, TO_CHECK)))


def _requirements(
    usual: Iterable[UsualRequirement], canonical: Mapping[str, str]
) -> tuple[engine.Requirement, ...]:
    return tuple(
        engine.Requirement(
            skill=canonical.get(asked.skill.code, asked.skill.code),
            level=asked.level,
            kind=engine.RequirementKind(asked.kind.value),
        )
        if asked.skill is not None
        else engine.Requirement(
            credential=asked.credential.code if asked.credential else None,
            kind=engine.RequirementKind(asked.kind.value),
        )
        for asked in usual
    )
