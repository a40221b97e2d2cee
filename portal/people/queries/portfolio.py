"""The portfolio: who is in it, filtered, sorted, page by page, with what each line says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal.access import people as access
from portal.access.actor import Actor
from portal.facts import standing_facts
from portal.models import (
    Commune,
    Credential,
    Interest,
    Occupation,
    PastTrade,
    Person,
    Referral,
    Skill,
    SkillAssertion,
)
from portal.text import like_pattern
from portal.web.paging import Page, paginate

PAGE_SIZE = 20


class Scope(StrEnum):
    """Whose people are listed."""

    MINE = "miennes"
    STRUCTURE = "structure"
    SHARED = "partage"


class Sort(StrEnum):
    """In what order."""

    NAME = "nom"
    CONTACT = "contact"
    AVAILABLE = "disponibilite"
    RECENT = "recentes"


@dataclass(frozen=True, slots=True)
class Filters:
    """What is searched; every field left out filters nothing."""

    scope: Scope = Scope.MINE
    name: str = ""
    place: str = ""
    occupation_code: str | None = None
    skill_code: str | None = None
    credential_code: str | None = None
    mode: str | None = None
    available_by: date | None = None
    silent_days: int | None = None
    incomplete: bool = False
    sort: Sort = Sort.NAME


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the portfolio: no status, health nor barrier ever."""

    person: Person
    is_card: bool
    practised: Sequence[str]
    liked: Sequence[str]
    missing: Sequence[str]
    referent: str | None

    @property
    def name(self) -> str:
        """The whole name for those who follow, « Amina B. » on a card."""
        return self.person.short_name if self.is_card else self.person.full_name


def in_scope(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """The people a scope holds, among those the actor may see."""
    if scope is Scope.SHARED:
        return and_(access.may_see_card(actor), ~access.followed_by_organisation(actor))
    # Whom the structure follows, its members see: no other way to a card is looked for.
    followed = (
        access.own_portfolio(actor)
        if scope is Scope.MINE
        else access.followed_by_organisation(actor)
    )
    return and_(access.may_meet(actor), followed)


def count_by_scope(session: Session, actor: Actor) -> dict[Scope, int]:
    """How many people in each scope, in one query: each count goes by an index of its own."""
    mine, structure = (
        select(func.count(Person.id)).where(in_scope(actor, scope)).scalar_subquery()
        for scope in (Scope.MINE, Scope.STRUCTURE)
    )
    cards = select(func.count()).select_from(access.ids_of_cards(actor).subquery())
    found = session.execute(select(mine, structure, cards.scalar_subquery())).one()
    # Those whom the structure follows are among the cards, and are not shared with it.
    return {
        Scope.MINE: found[0],
        Scope.STRUCTURE: found[1],
        Scope.SHARED: found[2] - found[1],
    }


def list_portfolio(
    session: Session, actor: Actor, filters: Filters, *, today: date, number: int = 1
) -> Page[Row]:
    """One page of the people that pass the filters."""
    query = select(Person).where(in_scope(actor, filters.scope))
    for condition in _conditions(session, filters, today):
        query = query.where(condition)
    by_contact = filters.scope is Scope.SHARED and filters.sort is Sort.CONTACT
    query = _sorted(query, Sort.NAME if by_contact else filters.sort).options(
        joinedload(Person.commune),
        selectinload(Person.referrals).joinedload(Referral.account),
    )
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    rows = _rows(session, page.rows, is_card=filters.scope is Scope.SHARED)
    return Page(rows, page.number, page.size, page.total)


def list_places(session: Session, actor: Actor, scope: Scope) -> list[tuple[str, str]]:
    """Where the people of a scope live: intercommunalités, then communes, as (value, label)."""
    rows = session.execute(
        select(Commune.code, Commune.name, Commune.epci_code, Commune.epci_name)
        .where(
            exists(
                select(Person.id).where(Person.commune_code == Commune.code, in_scope(actor, scope))
            )
        )
        .order_by(Commune.search_name)
    ).all()
    groups = {row.epci_code: row.epci_name for row in rows if row.epci_code and row.epci_name}
    listed = [(f"epci-{code}", name) for code, name in groups.items()]
    return [
        *sorted(listed, key=lambda pair: pair[1]),
        *((row.code, row.name) for row in rows),
    ]


def _conditions(session: Session, filters: Filters, today: date) -> Iterable[ColumnElement[bool]]:
    if filters.name:
        yield _name_matches(filters)
    if filters.place:
        yield _lives_in(filters.place)
    if filters.occupation_code:
        yield _trade(filters.occupation_code)
    if filters.skill_code:
        yield Person.id.in_(_holders_of(session, filters.skill_code))
    if filters.credential_code:
        yield _holds(filters.credential_code, today)
    if filters.mode:
        yield ("|" + Person.modes + "|").contains(f"|{filters.mode}|")
    if filters.available_by:
        yield Person.available_from <= filters.available_by
    # Contacts are not on a card: neither filtered nor sorted by.
    if filters.silent_days is not None and filters.scope is not Scope.SHARED:
        limit = today - timedelta(days=filters.silent_days)
        yield or_(Person.last_contact_on.is_(None), Person.last_contact_on < limit)
    if filters.incomplete:
        yield _is_incomplete()


def _name_matches(filters: Filters) -> ColumnElement[bool]:
    # A card shows a first name and an initial: searching it must not tell more.
    searched: ColumnElement[str] = (
        func.substr(Person.search_name, 1, func.length(Person.first_name) + 2)
        if filters.scope is Scope.SHARED
        else Person.search_name.expression
    )
    return searched.like(like_pattern(filters.name), escape="\\")


def _lives_in(place: str) -> ColumnElement[bool]:
    if place.startswith("epci-"):
        return Person.commune.has(Commune.epci_code == place.removeprefix("epci-"))
    return Person.commune_code == place


def _trade(code: str) -> ColumnElement[bool]:
    return or_(
        exists(
            select(PastTrade.id).where(
                PastTrade.person_id == Person.id, PastTrade.occupation_code == code
            )
        ),
        exists(
            select(Interest.person_id).where(
                Interest.person_id == Person.id,
                Interest.occupation_code == code,
                Interest.liking == 1,
            )
        ),
    )


def _holders_of(session: Session, code: str) -> list[int]:
    """The people whose standing level is at least « avec aide » (linked codes count as one)."""
    linked = or_(Skill.code == code, Skill.same_as_code == code)
    as_one = dict.fromkeys(session.scalars(select(Skill.code).where(linked)), code)
    found: dict[int, list[SkillAssertion]] = defaultdict(list)
    query = select(SkillAssertion).where(SkillAssertion.skill_code.in_(as_one))
    for row in session.scalars(query):
        found[row.person_id].append(row)
    return [
        person_id
        for person_id, rows in found.items()
        if (standing_facts(rows, as_one)[code].level or 0) >= 1
    ]


def _holds(code: str, today: date) -> ColumnElement[bool]:
    return exists(
        select(Credential.id).where(
            Credential.person_id == Person.id,
            Credential.type_code == code,
            Credential.held,
            or_(Credential.expires_on.is_(None), Credential.expires_on >= today),
        )
    )


def _has_skill() -> ColumnElement[bool]:
    return exists(
        select(SkillAssertion.id).where(
            SkillAssertion.person_id == Person.id, SkillAssertion.level.is_not(None)
        )
    )


def _has_trade() -> ColumnElement[bool]:
    return or_(
        exists(select(PastTrade.id).where(PastTrade.person_id == Person.id)),
        exists(
            select(Interest.person_id).where(Interest.person_id == Person.id, Interest.liking == 1)
        ),
    )


def _is_incomplete() -> ColumnElement[bool]:
    return or_(
        Person.commune_code.is_(None),
        Person.available_from.is_(None),
        ~_has_skill(),
        ~_has_trade(),
    )


_ORDERS: dict[Sort, tuple[ColumnElement[Any], ...]] = {
    Sort.NAME: (),
    Sort.CONTACT: (Person.last_contact_on.asc().nulls_first(),),
    Sort.AVAILABLE: (Person.available_from.asc().nulls_last(),),
    Sort.RECENT: (Person.created_at.desc(),),
}


def _sorted(query: Select[Person], sort: Sort) -> Select[Person]:
    return query.order_by(*_ORDERS[sort], Person.last_name, Person.first_name, Person.id)


def _rows(session: Session, people: Sequence[Person], *, is_card: bool) -> list[Row]:
    ids = [person.id for person in people]
    practised = _labels(session, PastTrade, ids)
    liked = _labels(session, Interest, ids)
    skilled = set(session.scalars(select(Person.id).where(Person.id.in_(ids), _has_skill())))
    return [
        Row(
            person=person,
            is_card=is_card,
            practised=practised[person.id],
            liked=liked[person.id],
            missing=missing_parts(
                person,
                has_skill=person.id in skilled,
                has_trade=bool(practised[person.id] or liked[person.id]),
            ),
            referent=_referent(person),
        )
        for person in people
    ]


def missing_parts(person: Person, *, has_skill: bool, has_trade: bool) -> list[str]:
    """What is to be asked before the lists say much: codes, put into words by the page."""
    parts = {
        "commune": person.commune_code is not None,
        "available": person.available_from is not None,
        "trades": has_trade,
        "skills": has_skill,
    }
    return [name for name, known in parts.items() if not known]


def _labels(
    session: Session, kind: type[PastTrade] | type[Interest], ids: Sequence[int]
) -> dict[int, list[str]]:
    query = (
        select(kind.person_id, Occupation.label)
        .join(Occupation, Occupation.code == kind.occupation_code)
        .where(kind.person_id.in_(ids))
        .order_by(Occupation.label)
    )
    if kind is Interest:
        query = query.where(Interest.liking == 1)
    found: dict[int, list[str]] = defaultdict(list)
    for person_id, label in session.execute(query):
        found[person_id].append(label)
    return found


def _referent(person: Person) -> str | None:
    lead = next((row for row in person.referrals if row.lead and row.end is None), None)
    return lead.account.full_name if lead and lead.account else None
