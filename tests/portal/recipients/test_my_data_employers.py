"""T-SEC-06: who refuses employers is presented to none, and what they hold disappears at once."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hubs.assignment import Purpose, solve
from portal.introductions import actions, queries
from portal.models import (
    Account,
    AgreementChannel,
    CallReason,
    CallRequest,
    DomainEvent,
    Introduction,
    IntroductionState,
    JobOffer,
    MembershipState,
    OfferState,
    OrganisationKind,
    Person,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.doors import enter
from tests.support.factories import ARRAS, Factory

ADDRESS = "/moi/donnees/employeurs"


@dataclass
class Scene:
    """A person, an adviser, an offer, its employer; and the visit of the person."""

    person: Person
    referent: Account
    adviser: Account
    offer: JobOffer
    employer: Account
    session: Session

    def actor(self, account: Account) -> Actor:
        """An account at its own place."""
        return Actor(account, account.memberships[0])

    def introduce(self, state: IntroductionState) -> Introduction:
        """An introduction in a state, with the person's recorded yes."""
        row = Introduction(
            person_id=self.person.id,
            offer_id=self.offer.id,
            organisation_id=self.adviser.memberships[0].organisation_id,
            by_id=self.adviser.id,
            state=state,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.MEETING,
            agreed_with_id=self.adviser.id,
            sent_at=clock.now(),
            card={"first_name": "Amina"},
        )
        self.session.add(row)
        self.session.commit()
        return row


@pytest.fixture
def scene(make: Factory, session: Session) -> Scene:
    """Everything in Arras, the person shared with the platform."""
    referent, adviser = make.account(Role.REFERENT), make.account(Role.ADVISER)
    person = make.person(referent=referent, shared_on=clock.today())
    offer = make.offer(adviser)
    employer = make.account(Role.EMPLOYER, make.organisation(OrganisationKind.EMPLOYER))
    employer.memberships[0].organisation.establishment_id = offer.establishment_id
    session.commit()
    return Scene(person, referent, adviser, offer, employer, session)


def _refuse(client: CheckingClient, database: Database, scene: Scene, choice: str) -> None:
    enter(client, database, scene.person)
    assert client.post(ADDRESS, data={"choice": choice}).location == "/moi/donnees"
    scene.session.expire_all()


def test_it_is_one_tap_then_a_confirmation_and_may_be_taken_back(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    enter(client, database, scene.person)
    assert "Oui, je refuse" in client.get(ADDRESS).text
    _refuse(client, database, scene, "refuse")
    assert scene.person.employers_refused_at is not None
    assert "Les employeurs ne voient pas vos informations." in client.get("/moi/donnees").text
    assert "Oui, ils peuvent voir ma carte" in client.get(ADDRESS).text
    _refuse(client, database, scene, "allow")
    assert scene.person.employers_refused_at is None
    names = list(scene.session.scalars(select(DomainEvent.name).order_by(DomainEvent.id)))
    assert names == ["employers_refused", "employers_allowed"]


@pytest.mark.parametrize("data", [{}, {"choice": ""}, {"choice": "refused"}])
def test_nothing_but_a_clear_yes_takes_the_refusal_back(
    client: CheckingClient, database: Database, scene: Scene, data: dict[str, str]
) -> None:
    _refuse(client, database, scene, "refuse")
    assert client.post(ADDRESS, data=data).status_code == 400
    scene.session.expire_all()
    assert scene.person.employers_refused_at is not None


def test_who_follows_the_person_is_told_how_many_cards_are_hidden(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    scene.introduce(IntroductionState.SENT)
    _refuse(client, database, scene, "refuse")
    task = scene.session.scalars(select(CallRequest)).one()
    assert task.account_id == scene.referent.id
    assert task.reason is CallReason.REFUSES_EMPLOYERS
    assert (task.note or "").endswith("1.")


def test_a_change_of_mind_ends_the_task_of_the_word_before(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    _refuse(client, database, scene, "refuse")
    _refuse(client, database, scene, "allow")
    before, now = scene.session.scalars(select(CallRequest).order_by(CallRequest.id)).all()
    assert (before.outcome, now.outcome) == ("La personne a changé d’avis.", None)
    assert now.reason is CallReason.ALLOWS_EMPLOYERS


def test_saying_it_twice_changes_nothing(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    _refuse(client, database, scene, "refuse")
    first = scene.person.employers_refused_at
    _refuse(client, database, scene, "refuse")
    assert scene.person.employers_refused_at == first
    assert len(scene.session.scalars(select(DomainEvent)).all()) == 1


def test_the_employer_no_longer_sees_the_card_they_hold(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    row = scene.introduce(IntroductionState.MEETING)
    employer = scene.offer.establishment_id
    assert employer is not None
    assert queries.get_received(scene.session, employer, row.public_id) is not None
    _refuse(client, database, scene, "refuse")
    assert queries.get_received(scene.session, employer, row.public_id) is None
    assert row.state is IntroductionState.MEETING
    _refuse(client, database, scene, "allow")
    assert queries.get_received(scene.session, employer, row.public_id) is not None


def test_the_pages_of_the_employer_name_them_nowhere(
    client: CheckingClient, app_client: CheckingClient, database: Database, scene: Scene
) -> None:
    scene.introduce(IntroductionState.MEETING)
    sign_in(app_client, scene.session, scene.employer)
    before = app_client.get("/entreprise", follow_redirects=True).text
    assert scene.person.first_name in before
    _refuse(client, database, scene, "refuse")
    after = app_client.get("/entreprise", follow_redirects=True).text
    assert scene.person.first_name not in after


@pytest.fixture
def app_client(client: CheckingClient) -> CheckingClient:
    """Another browser."""
    other = client.application.test_client()
    assert isinstance(other, CheckingClient)
    return other


def test_they_are_in_no_list_for_an_offer_and_cannot_be_proposed(
    client: CheckingClient, database: Database, scene: Scene
) -> None:
    adviser, session = scene.actor(scene.adviser), scene.session
    offer = scene.offer
    offer.state = OfferState.OPEN
    session.commit()
    assert _listed(mm.people_for_offer(session, adviser, offer)) > 0
    _refuse(client, database, scene, "refuse")
    assert _listed(mm.people_for_offer(session, adviser, offer)) == 0
    proposed = actions.propose(session, adviser, offer=offer, people=[scene.person.public_id])
    assert proposed.prepared == []


def _listed(view: mm.ListView) -> int:
    return sum(group.count for group in view.groups) + view.out_of_reach + view.with_car


@pytest.mark.parametrize(
    "state",
    [IntroductionState.PREPARED, IntroductionState.AGREEMENT_ASKED, IntroductionState.AGREED],
)
def test_nothing_more_is_asked_agreed_nor_sent(
    client: CheckingClient, database: Database, scene: Scene, state: IntroductionState
) -> None:
    row = scene.introduce(state)
    _refuse(client, database, scene, "refuse")
    adviser, session = scene.actor(scene.adviser), scene.session
    for act in (
        lambda: actions.ask_agreement(session, adviser, introduction=row),
        lambda: actions.record_agreement(
            session,
            adviser,
            introduction=row,
            channel=AgreementChannel.MEETING,
            on=clock.today(),
        ),
        lambda: actions.transmit(session, adviser, introduction=row),
        lambda: actions.record_meeting(session, adviser, introduction=row, on=clock.today()),
    ):
        with pytest.raises(IllegalTransitionError, match="refuse"):
            act()
    assert row.state is state


def test_a_hub_proposes_them_for_no_place_at_an_employers(make: Factory, session: Session) -> None:
    hub = Hub(make, make.account(Role.HUB), make.account(Role.REFERENT))
    cohort = hub.cohort()
    hub.places(hub.commitment(cohort, place=ARRAS), wave=1, capacity=2)
    refusing, other = hub.person(place=ARRAS), hub.person(place=ARRAS)
    for person in (refusing, other):
        hub.member(cohort, MembershipState.SELECTED, person)
    refusing.employers_refused_at = clock.now()
    session.commit()
    problem = solve(session, cohort=cohort, purpose=Purpose.IMMERSION)
    assert set(problem.members) == {other.public_id}
