"""Offers and introductions ask the same of SQLite and of PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock, places
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.introductions import actions, queries
from portal.models import (
    Account,
    AgreementChannel,
    IntroductionState,
    OfferOrigin,
    OfferState,
    Role,
)
from portal.offers import capture, employers
from portal.offers.actions import qualify_and_open, record_draft
from portal.offers.freshness import expire_stale_offers
from portal.offers.queries import VIEWS, OfferFilters, list_offers, record_view
from tests.support.factories import MARQUION, Factory


@pytest.fixture
def both(any_database: Database) -> Session:
    """A session on each kind of database."""
    return any_database.session()


def actor_of(account: Account) -> Actor:
    """The account in its only place."""
    return Actor(account, account.memberships[0])


def test_every_view_and_filter(both: Session) -> None:
    make = Factory(both)
    account = make.account(Role.ADVISER)
    actor = actor_of(account)
    offer = make.offer(account, title="Maçon à 100 %")
    make.offer(make.account(Role.ADVISER))
    record_view(both, actor, offer=offer)
    both.commit()
    for view in VIEWS:
        list_offers(both, actor, OfferFilters(view=view), 1)
    filters = OfferFilters("all", "100 %", "F1702", "marq", OfferState.OPEN, OfferOrigin.HIDDEN)
    found = list_offers(both, actor, filters, 1)
    assert [row.id for row in found.page.rows] == [offer.id]
    assert found.counts["mine"] == 1
    assert found.counts["new"] == 1
    both.close()


def test_from_the_capture_to_the_limit_of_people(both: Session, app: Flask) -> None:
    make = Factory(both)
    account = make.account(Role.ADVISER)
    actor = actor_of(account)
    make.core_skill(make.occupation("F1705", "Canalisateur"), "tp.poser", label="Poser un tuyau")
    make.commune(MARQUION)
    people = [make.person(referent=account, modes="car") for _ in range(2)]
    both.commit()
    with app.test_request_context():
        offer = record_draft(both, actor)
        fields = {
            "title": "Canalisateur",
            "place": "62860",
            "start_wanted": (clock.today() + timedelta(days=9)).isoformat(),
            "contract": "cdi",
            "employer": "Travaux du Nord",
            "requirement:skill:tp.poser": "day_one",
            "confidentiality": "public",
            "share_consent_by": "le chef de chantier",
            "max_introductions": "1",
        }
        assert capture.record_all(both, actor, offer=offer, fields=fields) == {}
        qualify_and_open(both, actor, offer=offer)
        both.commit()
        proposed = actions.propose(
            both, actor, offer=offer, people=[person.public_id for person in people]
        )
        for row in proposed.prepared:
            actions.record_agreement(
                both, actor, introduction=row, channel=AgreementChannel.SMS, on=clock.today()
            )
        both.commit()
        first, second = proposed.prepared
        actions.transmit(both, actor, introduction=first)
        with pytest.raises(IllegalTransitionError):
            actions.transmit(both, actor, introduction=second)
        both.commit()
    assert (first.state, second.state) == (IntroductionState.SENT, IntroductionState.AGREED)
    assert offer.state is OfferState.IN_PROGRESS
    for view in queries.VIEWS:
        queries.list_followed(both, actor, view, 1)
    offer.fresh_until = clock.today() - timedelta(days=1)
    assert expire_stale_offers(both, clock.today()) == 1
    both.close()


def test_places_and_employers_are_found_as_typed(both: Session) -> None:
    make = Factory(both)
    make.commune(("62765", "Saint-Omer", "62500", 50.75, 2.25))
    make.commune(MARQUION)
    make.establishment(name="SARL Dubois Terrassement")
    both.commit()
    for text in ("st omer", "Saint-Om", "62500", "saint-omer (62500)"):
        assert [row.name for row in places.find_communes(both, text)] == ["Saint-Omer"], text
    make.commune(("21545", "Saint-Omer", "21350", 47.4, 4.4))
    for text, code in (
        ("Saint-Omer (21350)", "21545"),
        ("st omer 62500", "62765"),
        ("21545", "21545"),
    ):
        found = places.find_communes(both, text)
        assert found[0].code == code, text
        assert places.only_commune(found, text) is found[0], text
    assert places.only_commune(places.find_communes(both, "Saint-Omer"), "Saint-Omer") is None
    for text, offered in (
        ("Marquion 62500", ["Marquion", "Saint-Omer"]),
        ("Marquion 99999", ["Marquion"]),
    ):
        found = places.find_communes(both, text)
        assert [row.name for row in found] == offered, text
        assert places.only_commune(found, text) is None, text
    assert places.only_commune(places.find_communes(both, "Marquion 62"), "Marquion 62") is not None
    assert places.find_communes(both, "%") == []
    assert places.find_communes(both, "s_int") == []
    alike = employers.similar_establishments(both, "Dubois terrassements")
    assert [row.name for row in alike] == ["SARL Dubois Terrassement"]
    both.close()
