"""A person hired by a firm, followed by a référent, on both sides."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.hires.recording import record_hire
from portal.hires.rules import Terms
from portal.models import (
    Account,
    AgreementChannel,
    ContractKind,
    Establishment,
    Hire,
    Introduction,
    IntroductionState,
    JobOffer,
    Person,
    Role,
)
from tests.support.factories import Factory


def acting(account: Account) -> Actor:
    """The account in its first place."""
    return Actor(account, account.memberships[0])


@dataclass
class Site:
    """Who is there, and how a hire is made between them."""

    make: Factory
    session: Session
    adviser: Account
    referent: Account
    person: Person
    firm: Establishment
    offer: JobOffer

    def hire(self, account: Account | None = None, **terms: object) -> Hire:
        """A permanent contract of 35 hours from today, unless said."""
        values: dict[str, object] = {
            "contract": ContractKind.CDI,
            "start": clock.today(),
            "weekly_hours": 35.0,
        }
        return record_hire(
            self.session,
            acting(account or self.referent),
            person=self.person,
            establishment=self.firm,
            terms=Terms(**{**values, **terms}),  # type: ignore[arg-type]
        )

    def introduce(self, offer: JobOffer, state: IntroductionState) -> Introduction:
        """The person presented for an offer by the adviser."""
        row: Introduction = self.make.add(
            Introduction(
                person_id=self.person.id,
                offer=offer,
                organisation_id=offer.organisation_id,
                by_id=self.adviser.id,
                state=state,
                agreed_at=clock.now(),
                agreed_channel=AgreementChannel.PHONE,
                agreed_with_id=self.adviser.id,
            )
        )
        return row


@pytest.fixture
def site(make: Factory, session: Session) -> Site:
    adviser, referent = make.account(Role.ADVISER), make.account(Role.REFERENT)
    firm = make.establishment(name="Terrassements Essai")
    return Site(
        make,
        session,
        adviser,
        referent,
        make.person(referent=referent, first_name="Amina", last_name="Bertin"),
        firm,
        make.offer(adviser, establishment=firm, weekly_hours=35.0),
    )
