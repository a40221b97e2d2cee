"""A territory small enough to read: a platform, a MDS, a firm, an employer, a person."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.immersions import recording
from portal.immersions.judging import Draft
from portal.immersions.recording import missing_roles
from portal.models import (
    Account,
    Establishment,
    Immersion,
    ImmersionObject,
    Occupation,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    SignatureMethod,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory

SIRET = "73282932000074"


def actor_of(account: Account) -> Actor:
    """The account in its only place."""
    return Actor(account, account.memberships[0])


@dataclass
class Place:
    """Who is there, and how to make an immersion."""

    session: Session
    make: Factory
    adviser: Account
    referent: Account
    departement: Organisation
    employer: Account
    firm: Establishment
    occupation: Occupation
    person: Person
    numbers: list[int] = field(default_factory=list)

    def draft(self, **values: Any) -> Draft:
        """A legal draft, to be made wrong; objectives differ each time."""
        self.numbers.append(0)
        start = values.pop("start", clock.today() + timedelta(days=14))
        end: date = values.pop("end", start + timedelta(days=11))
        given: dict[str, Any] = {
            "person": self.person,
            "establishment": self.firm,
            "occupation": self.occupation,
            "prescriber": self.referent.memberships[0].organisation,
            "object": ImmersionObject.DISCOVER,
            "objectives": f"Voir si le métier convient ({len(self.numbers)})",
            "tasks": "Niveler\nPoser une bordure",
            "presence_days": 10,
            "weekly_hours": 35.0,
            "schedule": "Du lundi au vendredi, 8 h à 16 h",
            "tutor_name": "Bruno Caslier",
            "tutor_contact": "03 21 55 66 77",
            "no_replacement_declared": True,
        }
        return Draft(start=start, end=end, **given | values)

    def prepared(self, **values: Any) -> Immersion:
        """An immersion kept by the référent."""
        return recording.record_immersion(
            self.session, actor_of(self.referent), draft=self.draft(**values)
        )

    def signed(self, row: Immersion) -> Immersion:
        """Sent, and signed by everybody but the prescriber."""
        actor = actor_of(self.referent)
        recording.send_to_sign(self.session, actor, immersion=row)
        for role in missing_roles(row):
            recording.record_signature(
                self.session,
                actor,
                immersion=row,
                role=role,
                name="Quelqu’un",
                method=SignatureMethod.PAPER,
                signed_on=clock.today(),
            )
        return row

    def validated(self, **values: Any) -> Immersion:
        """Signed, and validated by the référent's structure."""
        row = self.signed(self.prepared(**values))
        recording.validate(self.session, actor_of(self.referent), immersion=row)
        return row


def make_place(make: Factory) -> Place:
    """Everything, flushed."""
    referent = make.account(Role.REFERENT)
    firm = make.establishment(name="Travaux Bellonne", search_name="travaux bellonne", siret=SIRET)
    occupation = make.occupation()
    for code in ("tp.niveler", "tp.border"):
        make.core_skill(occupation, code, label=f"Geste {code}")
    employer = make.account(Role.EMPLOYER)
    employer.memberships[0].organisation.establishment_id = firm.id
    return Place(
        session=make.session,
        make=make,
        adviser=make.account(Role.ADVISER),
        referent=referent,
        departement=make.organisation(
            OrganisationKind.DEPARTEMENT, name="Département du Pas-de-Calais"
        ),
        employer=employer,
        firm=firm,
        occupation=occupation,
        person=make.person(
            referent=referent,
            last_name="Bertinval",
            birth_date=date(1996, 4, 2),
            phone="06 12 34 56 78",
        ),
    )


@pytest.fixture
def place(make: Factory) -> Place:
    """The place, on SQLite."""
    return make_place(make)


def form_of(place: Place, **values: Any) -> dict[str, Any]:
    """What the form of a legal convention sends."""
    start: date = values.pop("start", clock.today() + timedelta(days=14))
    return {
        "employer": f"Travaux Bellonne {SIRET}",
        "trade": "Constructeur de routes",
        "object": "discover",
        "objectives": "Voir si le métier convient",
        "start": start.isoformat(),
        "end": values.pop("end", start + timedelta(days=11)).isoformat(),
        "presence_days": "",
        "weekly_hours": "35",
        "schedule": "Du lundi au vendredi, 8 h à 16 h",
        "tasks": "Niveler",
        "tutor_name": "Bruno Caslier",
        "prescriber": place.referent.memberships[0].organisation.public_id,
        "no_replacement_declared": "y",
    } | values


def new_url(place: Place) -> str:
    """Where a convention of the person is prepared."""
    return f"/immersions/nouvelle?personne={place.person.public_id}"


@pytest.fixture
def referent(client: CheckingClient, session: Session, place: Place) -> CheckingClient:
    """The browser of the référent."""
    return sign_in(client, session, place.referent)
