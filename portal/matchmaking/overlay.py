"""A world brought up to what the rows have become, and to another day, without reading the others.

Each step gives exactly what building anew would (tests/portal/served_index compares):

- *rows*: those of whom a row changed are read again. An import may last longer than marks can tell:
  what changed since it began is read again when its run is seen.
- *nomenclature*: whoever has a skill, or a trade, that now stands for another or left its group is
  read again; the rest is only named otherwise.
- *day*: offers and sessions that are over leave, people whose date nobody said are available from
  that day, and what lists need of offers is laid out again.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Set
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import InstrumentedAttribute, Session

import matching as engine
from portal.matchmaking import loading
from portal.matchmaking.building import PARTS, Prints, World
from portal.matchmaking.loading import Nomenclature
from portal.matchmaking.stamps import DAYS_FOLLOWED, changed_owners
from portal.models import (
    ImportRun,
    Interest,
    JobOffer,
    OfferRequirement,
    Person,
    SessionPrerequisite,
    SessionSkill,
    SkillAssertion,
    TrainingSession,
)

# Beyond, where no index is kept, reading everything again costs less than reading what has changed.
MOST = {"people": 5_000, "offers": 2_000, "sessions": 1_000}
#: Beyond, another index is worth making, which new processes open instead of reading these again.
MANY = 1_000
# Beyond, people are replaced all at once.
_FEW_PEOPLE = 8
# A statement has room for so many values.
_AT_ONCE = 5_000

Owners = dict[str, set[int]]


@dataclass(frozen=True, slots=True)
class Followed:
    """A world brought up to date; ``much``: enough was read again for another index to be worth."""

    world: World
    much: bool


def follow(
    session: Session,
    last: World,
    before: Prints,
    now: Prints,
    today: date,
    *,
    bounded: bool,
) -> Followed | None:
    """The last world as the rows are ``now``, or None when all is to be read again.

    ``bounded``: also when that costs less.
    """
    runs = _finished(session, now.runs - before.runs)
    changed = _changed(session, before, now, runs, bounded=bounded)
    if changed is None:
        return None
    world = last if today == last.today else _on_day(session, last, today)
    if world is not None and (runs or before.parts["communes"] != now.parts["communes"]):
        world = _among_communes(session, world)
    if world is None:
        return None
    known = world.nomenclature
    # Some of its tables, and communes, have no dates: an import says that they may have changed.
    if runs or before.parts["nomenclature"] != now.parts["nomenclature"]:
        world = _under_nomenclature(session, world, changed)
    renamed = world.nomenclature is not known
    for name, read_again in _FOLLOW.items():
        if changed[name]:
            index = read_again(session, world, changed[name], renamed)
            world = replace(world, index=index)
    much = sum(map(len, changed.values())) > MANY
    return Followed(world, much or renamed)


def _changed(
    session: Session, before: Prints, now: Prints, runs: Collection[datetime], *, bounded: bool
) -> Owners | None:
    """Whom to read again, in each part; None when it cannot be told."""
    since = min(runs, default=None)
    known = _instants_but_of(now.runs - before.runs)
    changed: Owners = {}
    for name, most in MOST.items():
        owners = changed_owners(
            session,
            PARTS[name],
            before.parts[name],
            now.parts[name],
            most=most if bounded else None,
            since=since,
            imports=known,
        )
        if owners is None:
            return None
        changed[name] = owners
    return changed


def _finished(session: Session, runs: Collection[int]) -> list[datetime]:
    """When each of these imports began to write; a preview wrote nothing."""
    began = select(ImportRun.created_at).where(ImportRun.id.in_(runs), ImportRun.dry_run.is_(False))
    return [*session.scalars(began)] if runs else []


def _instants_but_of(runs: Collection[int]) -> Select[Any]:
    """What the rows of the large imports carry as their date, these left aside."""
    return select(ImportRun.created_at).where(
        ImportRun.created + ImportRun.changed >= MANY, ImportRun.id.not_in(runs)
    )


def _on_day(session: Session, last: World, today: date) -> World | None:
    if not 0 < (today - last.today).days <= DAYS_FOLLOWED:
        return None
    undated = select(Person.public_id).where(
        *loading.LISTED_PEOPLE, Person.available_from.is_(None)
    )
    index = last.index.on(today, session.scalars(undated).all())
    offers = select(JobOffer.public_id).where(*loading.listed_offers(today))
    index = index.with_offers_among({*session.scalars(offers)})
    listed = select(TrainingSession.public_id).where(*loading.listed_sessions(today))
    return World(_without_sessions(index, {*session.scalars(listed)}), last.nomenclature, today)


def _without_sessions(index: engine.Index, listed: Set[str]) -> engine.Index:
    held = index.sessions.sessions
    kept = [one for one in held if one.id in listed]
    return index if len(kept) == len(held) else index.with_sessions(kept)


def _among_communes(session: Session, last: World) -> World | None:
    """None when one that is used has moved: distances are worked out when an index is built."""
    index = last.index
    communes = {one.code: one for one in loading.load_communes(session)}
    moved = {
        code
        for code in communes.keys() | index.communes.keys()
        if communes.get(code) != index.communes.get(code)
    }
    used = (table.places.codes for table in (index.people, index.offers, index.sessions))
    if any(not moved.isdisjoint(codes) for codes in used):
        return None
    return replace(last, index=index.with_communes(communes)) if moved else last


def _under_nomenclature(session: Session, last: World, changed: Owners) -> World:
    """The world under the nomenclature as it is; whoever it touches is added to the changed."""
    links = loading.load_nomenclature(session)
    if links == last.nomenclature:
        return last
    moved = {
        code
        for code in links.canonical.keys() | last.nomenclature.canonical.keys()
        if _standing(links, code) != _standing(last.nomenclature, code)
    }
    for name, columns in _NAMED_BY.items():
        for owner, code in columns:
            changed[name].update(_owners(session, owner, code, moved))
    return World(last.index.with_taxonomy(links.taxonomy), links, last.today)


def _standing(links: Nomenclature, code: str) -> tuple[str, str | None]:
    """What a code is read as, and its group: all that an index keeps of the nomenclature."""
    stands_for = links.canonical.get(code, code)
    return stands_for, links.taxonomy.group_of(stands_for)


_NAMED_BY: dict[str, tuple[tuple[InstrumentedAttribute[Any], InstrumentedAttribute[Any]], ...]] = {
    "people": (
        (SkillAssertion.person_id, SkillAssertion.skill_code),
        (Interest.person_id, Interest.occupation_code),
    ),
    "offers": (
        (JobOffer.id, JobOffer.occupation_code),
        (OfferRequirement.offer_id, OfferRequirement.skill_code),
    ),
    "sessions": (
        (SessionSkill.session_id, SessionSkill.skill_code),
        (SessionPrerequisite.session_id, SessionPrerequisite.skill_code),
    ),
}


def _owners(
    session: Session,
    owner: InstrumentedAttribute[Any],
    code: InstrumentedAttribute[Any],
    moved: Collection[str],
) -> Iterator[int]:
    for some in _batches(moved):
        yield from session.scalars(select(owner).distinct().where(code.in_(some)))


def _batches(keys: Collection[Any]) -> Iterator[list[Any]]:
    ordered = sorted(keys)
    for start in range(0, len(ordered), _AT_ONCE):
        yield ordered[start : start + _AT_ONCE]


def _read(load: Callable[..., list[Any]], session: Session, world: World, keys: set[int]) -> Any:
    """The records of these keys."""
    canonical, today = world.nomenclature.canonical, world.today
    return [one for some in _batches(keys) for one in load(session, canonical, today, {*some})]


def _with_people(session: Session, last: World, changed: set[int], renamed: bool) -> engine.Index:
    """The index with these people as they are now."""
    index, held = last.index, last.index.people
    records = _read(loading.load_people, session, last, changed)
    # One read again for having changed within the minute is most often as it was.
    new = [
        record
        for record in records
        if renamed or record.id not in held.number or held.people[held.number[record.id]] != record
    ]
    left = _left(session, Person, changed, records, held.number.keys())
    if left:
        index = index.among(held.number.keys() - left)
    # One alone is taken out of groups as they are now, which may not be those it was put in.
    if len(new) > _FEW_PEOPLE or (renamed and new):
        return index.with_people(new)
    for record in new:
        index = index.with_person(record)
    return index


def _with_offers(session: Session, last: World, changed: set[int], renamed: bool) -> engine.Index:
    """The index with these offers as they are now.

    A draft saved field by field was not in it and is not now: nothing is built again.
    """
    index, book = last.index, last.index.book
    records = _read(loading.load_offers, session, last, changed)
    left = _left(session, JobOffer, changed, records, book.names)
    if left:
        index = index.with_offers_among(book.names - left)
    new = [
        record
        for record in records
        if renamed or record.id not in book or book.offer(record.id) != record
    ]
    return index.with_offers(new)


def _with_sessions(session: Session, last: World, changed: set[int], renamed: bool) -> engine.Index:
    """The index with these sessions as they are now."""
    held = {one.id: one for one in last.index.sessions.sessions}
    records = _read(loading.load_sessions, session, last, changed)
    left = _left(session, TrainingSession, changed, records, held.keys())
    now = {name: one for name, one in held.items() if name not in left}
    now |= {record.id: record for record in records}
    return last.index if now == held and not renamed else last.index.with_sessions(now.values())


_FOLLOW = {"people": _with_people, "sessions": _with_sessions, "offers": _with_offers}


def _left(
    session: Session, table: Any, changed: set[int], records: Iterable[Any], known: Set[str]
) -> set[str]:
    """The ids known that are no longer to be: closed, archived, or removed."""
    found: set[str] = set()
    for some in _batches(changed):
        found |= {*session.scalars(select(table.public_id).where(table.id.in_(some)))}
    left = found - {record.id for record in records}
    if len(found) < len(changed):
        # A row removed has left its key, which says nothing of its id.
        left |= known - set(session.scalars(select(table.public_id)))
    return left & known
