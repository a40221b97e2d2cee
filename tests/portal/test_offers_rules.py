"""States of an offer: every move of the table, and no other; freshness; SIRET."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.models import DomainEvent, OfferState
from portal.offers import rules
from portal.offers.freshness import expire_stale_offers
from portal.offers.siret import SiretError, split_siret
from tests.support.factories import Factory

S = OfferState
LEGAL = {
    (S.DRAFT, S.QUALIFIED),
    (S.DRAFT, S.ABANDONED),
    (S.QUALIFIED, S.OPEN),
    (S.QUALIFIED, S.TO_CONFIRM),
    (S.QUALIFIED, S.ABANDONED),
    (S.OPEN, S.IN_PROGRESS),
    (S.OPEN, S.SUSPENDED),
    (S.OPEN, S.TO_CONFIRM),
    (S.OPEN, S.FILLED),
    (S.OPEN, S.ABANDONED),
    (S.IN_PROGRESS, S.SUSPENDED),
    (S.IN_PROGRESS, S.TO_CONFIRM),
    (S.IN_PROGRESS, S.FILLED),
    (S.IN_PROGRESS, S.ABANDONED),
    (S.SUSPENDED, S.OPEN),
    (S.SUSPENDED, S.IN_PROGRESS),
    (S.SUSPENDED, S.TO_CONFIRM),
    (S.SUSPENDED, S.ABANDONED),
    (S.TO_CONFIRM, S.QUALIFIED),
    (S.TO_CONFIRM, S.OPEN),
    (S.TO_CONFIRM, S.IN_PROGRESS),
    (S.TO_CONFIRM, S.SUSPENDED),
    (S.TO_CONFIRM, S.FILLED),
    (S.TO_CONFIRM, S.ABANDONED),
}


@pytest.mark.parametrize("source", list(S))
def test_every_move_of_an_offer(
    app: Flask, make: Factory, session: Session, source: OfferState
) -> None:
    account = make.account()
    with app.test_request_context():
        for target in S:
            offer = make.offer(account, state=source)
            events = select(DomainEvent).where(DomainEvent.subject_id == offer.id)
            if (source, target) in LEGAL:
                rules.OFFER_MACHINE.move(session, offer, target, actor=None, name="test")
                event = session.scalars(events).one()
                assert (event.from_state, event.to_state) == (source.value, target.value)
                assert offer.state is target
            else:
                with pytest.raises(IllegalTransitionError, match="Impossible de passer"):
                    rules.OFFER_MACHINE.move(session, offer, target, actor=None, name="test")
                assert offer.state is source
                assert session.scalar(events) is None


def test_stale_offers_are_to_confirm_after_the_daily_job_and_on_screens_before(
    make: Factory, session: Session
) -> None:
    account, today = make.account(), clock.today()
    stale = make.offer(account, fresh_until=today - timedelta(days=1))
    fresh = make.offer(account, fresh_until=today)
    paused = make.offer(account, state=S.SUSPENDED, fresh_until=today - timedelta(days=1))
    assert rules.shown_state(stale, today) is S.TO_CONFIRM
    assert not rules.takes_introductions(stale, today)
    assert expire_stale_offers(session, today) == 1
    assert expire_stale_offers(session, today) == 0
    assert (stale.state, fresh.state, paused.state) == (S.TO_CONFIRM, S.OPEN, S.SUSPENDED)
    assert session.scalars(select(DomainEvent.name)).one() == "expired"


@pytest.mark.parametrize(
    ("text", "name", "siret"),
    [
        ("Dubois TP", "Dubois TP", None),
        ("732 829 320 00074", "", "73282932000074"),
        ("Dubois TP 732\u00a0829\u00a0320\u00a000074", "Dubois TP", "73282932000074"),
        ("73282932000074 Dubois TP", "Dubois TP", "73282932000074"),
        ("La Poste 35600000049837", "La Poste", "35600000049837"),
        ("La Poste siège (35600000000048)", "La Poste siège", "35600000000048"),
        ("Garage 2000", "Garage 2000", None),
        ("3 Suisses 62", "3 Suisses 62", None),
    ],
)
def test_a_siret_is_read_in_what_is_typed(
    app: Flask, text: str, name: str, siret: str | None
) -> None:
    with app.test_request_context():
        assert split_siret(text) == (name, siret)


@pytest.mark.parametrize(
    "text", ["73282932000075", "7328293200007", "732829320000741", "35600000049838", "123456789"]
)
def test_a_wrong_siret_is_refused(app: Flask, text: str) -> None:
    with app.test_request_context(), pytest.raises(SiretError):
        split_siret(text)
