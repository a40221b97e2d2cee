"""The steps of an introduction, as its page sends them."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    AgreementChannel,
    Introduction,
    IntroductionState,
    JobOffer,
    OutcomeReason,
    Person,
)
from tests.support.client import CheckingClient
from tests.support.factories import Factory

S = IntroductionState


def introduce(
    make: Factory, offer: JobOffer, person: Person, state: IntroductionState = S.PREPARED
) -> Introduction:
    """An introduction already in a state, with what the state needs."""
    by = offer.adviser
    assert by is not None
    agreed = state not in (S.PREPARED, S.AGREEMENT_ASKED, S.DECLINED)
    ended = state in (S.DECLINED, S.REFUSED, S.NO_ANSWER, S.CLOSED)
    return make.add(  # type: ignore[no-any-return]
        Introduction(
            person=person,
            offer=offer,
            by_id=by.id,
            organisation_id=offer.organisation_id,
            state=state,
            agreed_at=clock.now() if agreed else None,
            agreed_channel=AgreementChannel.PHONE if agreed else None,
            agreed_with_id=by.id if agreed else None,
            sent_at=clock.now() if agreed and state is not S.AGREED else None,
            outcome_reason=OutcomeReason.OTHER if ended else None,
        )
    )


def propose(client: CheckingClient, offer: JobOffer, *people: Person) -> str:
    """Propose people from the offer's page, and read the page that follows."""
    response = client.post(
        f"/offres/{offer.public_id}/propositions",
        data={"person": [row.public_id for row in people]},
        follow_redirects=True,
    )
    return response.get_data(as_text=True)


def step(client: CheckingClient, row: Introduction, action: str, **data: str) -> str:
    """Pass a gate, and read the page that follows."""
    response = client.post(
        f"/mises-en-relation/{row.public_id}/{action}", data=data, follow_redirects=True
    )
    return response.get_data(as_text=True)


def only(session: Session) -> Introduction:
    """The only introduction, as stored now."""
    session.expire_all()
    return session.scalars(select(Introduction)).one()
