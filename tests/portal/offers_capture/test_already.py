"""While a firm speaks, the offer it gave last week is told: captured twice, it is called twice."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal.models import Account, Confidentiality, Establishment, JobOffer, OfferState, Role
from tests.portal.offers_capture.support import save
from tests.support.client import CheckingClient
from tests.support.factories import Factory

TOLD = "Est-ce la même offre\u00a0?"


@pytest.fixture
def firm(make: Factory, session: Session) -> Establishment:
    row = make.establishment(name="SARL Dubois")
    session.commit()
    return row


def the_other(make: Factory, by: Account, firm: Establishment, **values: Any) -> JobOffer:
    occupation = make.occupation("F1705", "Canalisateur")
    row = make.offer(
        by, establishment=firm, occupation=occupation, title="Poseur de réseaux", **values
    )
    make.session.commit()
    return row


def said(client: CheckingClient, draft: JobOffer) -> str:
    """What is answered once the trade and the firm are known."""
    first = save(client, draft, "title", "Canalisateur")
    assert TOLD not in first
    return save(client, draft, "employer", "SARL Dubois")


def test_the_live_offer_of_a_colleague_is_told_with_its_link(
    client: CheckingClient, adviser: Account, draft: JobOffer, firm: Establishment, make: Factory
) -> None:
    colleague = make.account(Role.ADVISER, adviser.memberships[0].organisation)
    kept = the_other(make, colleague, firm, confidentiality=Confidentiality.ADVISER_ONLY)
    answer = said(client, draft)
    assert TOLD in answer
    assert f'href="/offres/{kept.public_id}"' in answer
    assert colleague.full_name in answer
    page = client.get(f"/offres/{draft.public_id}/saisie").text
    assert TOLD in page
    assert TOLD not in save(client, draft, "employer", "Autre Terrassement Martin")


@pytest.mark.parametrize("state", [OfferState.FILLED, OfferState.ABANDONED])
def test_an_offer_that_is_closed_is_not_the_same(
    client: CheckingClient,
    adviser: Account,
    draft: JobOffer,
    firm: Establishment,
    make: Factory,
    state: OfferState,
) -> None:
    the_other(make, adviser, firm, state=state)
    assert TOLD not in said(client, draft)


@pytest.mark.parametrize(
    ("kept", "told"),
    [(Confidentiality.PARTNERS_MASKED, False), (Confidentiality.PARTNERS_NAMED, True)],
)
def test_a_name_that_a_partner_keeps_is_not_told(
    client: CheckingClient,
    draft: JobOffer,
    firm: Establishment,
    make: Factory,
    kept: Confidentiality,
    told: bool,
) -> None:
    the_other(make, make.account(Role.ADVISER), firm, confidentiality=kept)
    assert (TOLD in said(client, draft)) is told
