"""A firm, somebody presented to it with everything that must stay hidden, and both ways in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.introductions.cards import Card, CardFact
from portal.models import (
    Account,
    AgreementChannel,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    DoorLink,
    EmployerContact,
    Establishment,
    Introduction,
    IntroductionState,
    JobOffer,
    Organisation,
    OrganisationKind,
    Person,
    PersonStatus,
    Role,
    StatusCode,
    StatusSource,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.doors import enter
from tests.support.factories import Factory

SIRET = "73282932000074"
#: What an employer never reads; the last name is apart, since a meeting tells it.
HIDDEN = (
    "BRSA",
    "RSA",
    "1990",
    "17/05",
    "Garde d’enfants",
    "barrier",
    "Zanzibar",
    "06 11 22",
    "0611223344",
    "12 rue des Lilas",
    "nadia.secret@",
)
LAST_NAME = "Moreau"


@dataclass
class Firm:
    """The firm, its people of contact, its adviser, its offer and who is presented for it."""

    make: Factory
    session: Session
    database: Database
    app: Flask
    establishment: Establishment
    contact: EmployerContact
    adviser: Account
    offer: JobOffer
    person: Person
    introduction: Introduction

    def by_link(
        self, contact: EmployerContact | None = None, link: DoorLink | None = None
    ) -> CheckingClient:
        """A browser of a contact who came by a link."""
        self.session.commit()
        client = client_for(self.app)
        enter(client, self.database, contact or self.contact, link=link)
        return client

    def by_account(self) -> CheckingClient:
        """A browser of a named account of the firm."""
        place: Organisation = self.make.organisation(
            OrganisationKind.EMPLOYER, establishment_id=self.establishment.id
        )
        account = self.make.account(Role.EMPLOYER, place)
        self.session.commit()
        return sign_in(client_for(self.app), self.session, account)

    def present(self, offer: JobOffer | None = None, **values: object) -> Introduction:
        """Somebody more, presented."""
        person = self.make.person(referent=self.adviser, **values)
        return self.introduce(person, offer or self.offer)

    def introduce(self, person: Person, offer: JobOffer) -> Introduction:
        """A card as it was sent."""
        card = Card(
            first_name=person.first_name,
            can_do=[
                CardFact("Poser un tuyau", "sans aide, vu en immersion le 3 oct.", proved=True),
                CardFact("Lire un plan", "avec aide, déclaré par la personne le 2 oct."),
            ],
            will_learn=[CardFact("Niveler", "avec vous, en poste")],
            to_see_together=["Permis B"],
            available="tout de suite",
            travel="25 min en bus",
        )
        row: Introduction = self.make.add(
            Introduction(
                person=person,
                offer=offer,
                by_id=self.adviser.id,
                organisation_id=offer.organisation_id,
                state=IntroductionState.SENT,
                agreed_at=clock.now(),
                agreed_channel=AgreementChannel.MEETING,
                agreed_with_id=self.adviser.id,
                sent_at=clock.now(),
                card=card.as_json(),
            )
        )
        return row

    def state(self) -> IntroductionState:
        """Where the introduction stands now."""
        self.session.expire_all()
        return self.introduction.state


def _person(make: Factory, referent: Account) -> Person:
    row = make.person(
        referent=referent,
        first_name="Nadia",
        last_name=LAST_NAME,
        birth_date=date(1990, 5, 17),
        phone="06 11 22 33 44",
        email="nadia.secret@exemple.test",
        project="Projet de Zanzibar",
    )
    values = {"person_id": row.id, "start": clock.today(), "source": StatusSource.DECLARED}
    make.add(PersonStatus(code=StatusCode.BRSA, **values))
    make.add(
        Barrier(
            person_id=row.id,
            theme=BarrierTheme.CHILDCARE,
            impact=BarrierImpact.STRONG,
            observed_on=clock.today(),
        )
    )
    return row


@pytest.fixture
def firm(app: Flask, database: Database, make: Factory, session: Session) -> Firm:
    """The firm, committed."""
    adviser = make.account(Role.ADVISER, first_name="Louise", last_name="Guide")
    adviser.phone = "03 21 00 00 01"
    establishment = make.establishment(name="Travaux Bellonne", siret=SIRET)
    offer = make.offer(adviser, establishment=establishment, title="maçon VRD", max_introductions=2)
    skill = make.skill("tp.poser", "Poser un tuyau")
    make.requires(offer, skill)
    make.organisation(OrganisationKind.DEPARTEMENT, name="Département du Pas-de-Calais")
    person = _person(make, adviser)
    found = Firm(
        make,
        session,
        database,
        app,
        establishment,
        make.contact(establishment),
        adviser,
        offer,
        person,
        None,  # type: ignore[arg-type]
    )
    found.introduction = found.introduce(person, offer)
    session.commit()
    return found


Ways = Callable[[Firm], CheckingClient]


@pytest.fixture(params=["link", "account"])
def browser(request: pytest.FixtureRequest, firm: Firm) -> CheckingClient:
    """The same pages, by a link and by an account."""
    return firm.by_link() if request.param == "link" else firm.by_account()


def in_days(count: int) -> str:
    """A day to come, as a form says it."""
    return (clock.today() + timedelta(days=count)).isoformat()
