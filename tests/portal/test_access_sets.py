"""What an actor may see is a set, read once: never a question asked of the database row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from portal.access import offers, people
from portal.access.actor import Actor
from portal.db import Database
from portal.models import Confidentiality, JobOffer, OrganisationKind, Person, Role
from portal.offers.queries import OfferFilters, list_offers
from portal.people.queries.portfolio import Filters, Scope, count_by_scope, list_portfolio
from tests.support.factories import Factory
from tests.support.queries import count_queries

Rule = Callable[[Actor], ColumnElement[bool]]
RULES: list[tuple[Any, Rule]] = [
    (JobOffer, offers.may_read),
    (JobOffer, offers.may_write),
    (Person, people.may_write),
    (Person, people.may_read),
    (Person, people.may_see_card),
    (Person, people.may_introduce),
    (Person, people.own_portfolio),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("table", "rule"), RULES, ids=[rule.__name__ for _, rule in RULES])
def test_no_rule_asks_row_by_row(make: Factory, role: Role, table: Any, rule: Rule) -> None:
    account = make.account(role)
    query = select(table.id).where(rule(Actor(account, account.memberships[0])))
    assert "EXISTS" not in str(query)


def test_an_offer_of_a_platform_of_the_place_is_read_wherever_the_work_is(
    make: Factory, session: Session
) -> None:
    platform = make.organisation(OrganisationKind.PLATFORM)
    adviser, referent = make.account(Role.ADVISER, platform), make.account(Role.REFERENT)
    near = make.offer(adviser, confidentiality=Confidentiality.PARTNERS_NAMED)
    near.departement_code = "80"
    kept = make.offer(adviser, confidentiality=Confidentiality.ADVISER_ONLY)
    elsewhere = make.organisation(OrganisationKind.PLATFORM, departement_code="02")
    far = make.offer(make.account(Role.ADVISER, elsewhere))
    far.departement_code = "02"
    session.commit()
    actor = Actor(referent, referent.memberships[0])
    seen = set(session.scalars(select(JobOffer.id).where(offers.may_read(actor))))
    assert near.id in seen
    assert not seen & {kept.id, far.id}


def test_scopes_are_counted_as_they_are_listed(make: Factory, session: Session) -> None:
    referent = make.account(Role.REFERENT)
    colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
    for follower in (referent, referent, colleague):
        make.person(referent=follower)
    today = make.person().created_at.date()
    for _ in range(2):
        make.person(shared_on=today)
    make.person(referent=referent, shared_on=today)
    session.commit()
    actor = Actor(referent, referent.memberships[0])
    counted = count_by_scope(session, actor)
    for scope in Scope:
        listed = list_portfolio(session, actor, Filters(scope=scope), today=today)
        assert counted[scope] == listed.total, scope
    assert counted == {Scope.MINE: 3, Scope.STRUCTURE: 4, Scope.SHARED: 2}


def test_a_page_is_its_keys_then_its_rows_and_beyond_the_end_the_last_one(
    make: Factory, session: Session, database: Database
) -> None:
    adviser = make.account()
    for _ in range(23):
        make.offer(adviser)
    session.commit()
    actor = Actor(adviser, adviser.memberships[0])
    list_offers(session, actor, OfferFilters(), 1)
    with count_queries(database.engine) as asked:
        first = list_offers(session, actor, OfferFilters(), 1).page
    # Keys and count, rows, which are new, counts of the views.
    assert asked.count == 4
    last = list_offers(session, actor, OfferFilters(), 99).page
    assert (len(first.rows), first.total, len(last.rows), last.number) == (20, 23, 3, 2)
    assert not {row.id for row in first.rows} & {row.id for row in last.rows}
