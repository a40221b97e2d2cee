"""Offers, introductions and answers."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import (
    Account,
    Introduction,
    IntroductionState,
    JobOffer,
    LeadAnswer,
    Person,
)
from tests.support.client import CheckingClient
from tests.support.factories import Factory


def offer_of(make: Factory, adviser: Account, title: str, **values: Any) -> JobOffer:
    """An offer under its own title, committed."""
    row = make.offer(adviser, title=title, **values)
    make.session.commit()
    return row


def introduce(
    make: Factory,
    offer: JobOffer,
    person: Person,
    state: IntroductionState = IntroductionState.AGREEMENT_ASKED,
) -> Introduction:
    """An introduction of the offer's adviser."""
    row: Introduction = make.add(
        Introduction(
            person=person,
            offer=offer,
            by_id=offer.adviser_id,
            organisation_id=offer.organisation_id,
            state=state,
        )
    )
    make.session.commit()
    return row


def text_of(client: CheckingClient, path: str) -> str:
    """A page that answers 200."""
    response = client.get(path)
    assert response.status_code == 200, path
    return response.get_data(as_text=True)


def say(client: CheckingClient, offer: JobOffer, choice: str) -> str:
    """Answer, and read the page that follows."""
    response = client.post(
        f"/moi/pistes/{offer.public_id}", data={"choice": choice}, follow_redirects=True
    )
    assert response.status_code == 200
    return response.get_data(as_text=True)


def answer_of(session: Session, person: Person) -> LeadAnswer:
    """The only answer, as stored now."""
    session.expire_all()
    return session.scalars(select(LeadAnswer).where(LeadAnswer.person_id == person.id)).one()
