"""What an actor may read is kept between two pages, and never older than the row just saved."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.db import Database
from portal.matchmaking import perimeter
from portal.models import (
    Account,
    Confidentiality,
    JobOffer,
    OfferState,
    Organisation,
    Person,
    Role,
)
from tests.support.factories import MARQUION, Factory
from tests.support.inviting import actor_of
from tests.support.queries import count_queries

Change = Callable[[Session, JobOffer], None]


@pytest.fixture
def both(any_database: Database, app: Flask):
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


@pytest.fixture
def offer(both: Session) -> JobOffer:
    row = Factory(both).offer(Factory(both).account(Role.ADVISER))
    both.commit()
    return row


@pytest.fixture
def referent(both: Session, offer: JobOffer) -> Account:
    """A partner of the same département."""
    row = Factory(both).account(Role.REFERENT)
    both.commit()
    return row


@pytest.fixture
def read(any_database: Database, referent: Account) -> Callable[[], frozenset[str]]:
    """What a page of the partner would be cut to, now."""

    def ids() -> frozenset[str]:
        with any_database.session(read_only=True) as page:
            return perimeter.offers_read_by(page, page_actor(page, referent))

    return ids


def page_actor(page: Session, account: Account) -> Actor:
    found = page.get(Account, account.id)
    assert found is not None
    return actor_of(found)


def keep_to_oneself(session: Session, offer: JobOffer) -> None:
    offer.confidentiality = Confidentiality.ADVISER_ONLY


def keep_in_bulk(session: Session, offer: JobOffer) -> None:
    session.execute(update(JobOffer).values(confidentiality=Confidentiality.ADVISER_ONLY))


def back_to_draft(session: Session, offer: JobOffer) -> None:
    offer.state = OfferState.DRAFT


def remove(session: Session, offer: JobOffer) -> None:
    session.execute(delete(JobOffer).where(JobOffer.id == offer.id))


def move_both(session: Session, offer: JobOffer) -> None:
    """The job, then its platform, are of another département."""
    offer.departement_code = "80"
    session.flush()
    platform = session.get(Organisation, offer.organisation_id)
    assert platform is not None
    platform.departement_code = "80"


@pytest.mark.parametrize(
    "change", [keep_to_oneself, keep_in_bulk, back_to_draft, remove, move_both]
)
def test_what_may_no_longer_be_read_leaves_the_very_next_page(
    both: Session, offer: JobOffer, read: Callable[[], frozenset[str]], change: Change
) -> None:
    public_id = offer.public_id
    assert read() == read() == {public_id}
    change(both, offer)
    both.commit()
    assert read() == frozenset()


def test_a_platform_that_joins_the_departement_is_read_at_once(
    both: Session, offer: JobOffer, read: Callable[[], frozenset[str]]
) -> None:
    platform = both.get(Organisation, offer.organisation_id)
    assert platform is not None
    here, offer.departement_code, platform.departement_code = platform.departement_code, "80", "80"
    both.commit()
    assert read() == frozenset()
    platform.departement_code = here
    both.commit()
    assert read() == {offer.public_id}


def test_nothing_is_gone_through_when_nothing_changed(
    any_database: Database, both: Session, offer: JobOffer, read: Callable[[], frozenset[str]]
) -> None:
    read()
    with count_queries(any_database.engine) as seen:
        assert read() == {offer.public_id}
    assert not [text for text in seen.texts if "job_offer.public_id" in text]


def test_what_a_transaction_wrote_is_its_own_until_it_commits(
    both: Session, offer: JobOffer, referent: Account, read: Callable[[], frozenset[str]]
) -> None:
    assert read() == {offer.public_id}
    offer.confidentiality = Confidentiality.ADVISER_ONLY
    assert perimeter.offers_read_by(both, actor_of(referent)) == frozenset()
    both.rollback()
    assert read() == {offer.public_id}


def test_what_is_shown_is_asked_of_the_rule_itself(
    any_database: Database,
    both: Session,
    offer: JobOffer,
    referent: Account,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Even if what is kept were wrong, nobody would see the offer."""
    person = Factory(both).person(referent=referent, modes="car", place=MARQUION)
    hidden = offer.public_id
    offer.confidentiality = Confidentiality.ADVISER_ONLY
    both.commit()
    monkeypatch.setattr(mm.lists, "offers_read_by", lambda _session, _actor: frozenset({hidden}))
    with any_database.session(read_only=True) as page:
        actor = page_actor(page, referent)
        row = page.get(Person, person.id)
        assert row is not None
        view = mm.offers_for_person(page, actor, row)
        assert not page.query(JobOffer).where(offer_access.may_read(actor)).count()
    assert [line for group in view.groups for line in group.lines] == []


def test_people_without_a_commune_are_counted_beside_the_list(both: Session) -> None:
    make = Factory(both)
    adviser = make.account(Role.ADVISER)
    offer = make.offer(adviser)
    make.person(referent=adviser, modes="car", place=MARQUION)
    lost, refusing, gone = (make.person(referent=adviser) for _ in range(3))
    for person in (lost, refusing, gone):
        person.commune_code = person.departement_code = None
    refusing.employers_refused_at = gone.archived_at = clock.now()
    both.commit()
    view = mm.people_for_offer(both, actor_of(adviser), offer)
    assert (view.count, view.unplaced) == (1, 1)
