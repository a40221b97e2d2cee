"""« Ma prochaine étape »: one thing, the first due."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    AgreementChannel,
    Enrollment,
    EnrollmentState,
    Introduction,
    IntroductionState,
    InvitationState,
    PathwayState,
    Role,
)
from portal.recipients.trips import Trip, trip
from tests.portal.recipients.own_space import followed, invitation, pathway
from tests.support.client import CheckingClient
from tests.support.doors import enter
from tests.support.factories import ARRAS, MARQUION, Factory


@pytest.fixture
def first_page(client: CheckingClient, database: Database, session: Session):  # type: ignore[no-untyped-def]
    """The text of the first page of a person."""

    def read(person):  # type: ignore[no-untyped-def]
        session.commit()
        enter(client, database, person)
        return client.get("/moi").text

    return read


def test_nothing_planned_is_said_kindly(first_page, make: Factory) -> None:  # type: ignore[no-untyped-def]
    text = first_page(followed(make).person)
    assert "Rien à faire aujourd’hui." in text or "Dites ce que vous savez faire." in text
    assert "Bonjour Amina" in text


def test_an_invitation_is_shown_with_its_day_its_place_and_the_trip(  # type: ignore[no-untyped-def]
    first_page, make: Factory
) -> None:
    space = followed(make)
    row = invitation(make, space, days=1)
    text = first_page(space.person)
    assert "Vous visitez un lieu de travail." in text
    assert "Une visite du chantier du canal" in text
    assert "Base vie, Marquion" in text
    assert "14\u00a0h" in text
    assert "en bus." in text
    assert f"/moi/rendez-vous/{row.public_id}" in text
    assert "Je réponds" in text


def test_a_past_or_cancelled_invitation_is_not_the_next_step(  # type: ignore[no-untyped-def]
    first_page, make: Factory
) -> None:
    space = followed(make)
    invitation(make, space, days=-1)
    invitation(make, space, days=1, state=InvitationState.CANCELLED)
    assert "Vous visitez" not in first_page(space.person)


def test_the_first_due_comes_first(first_page, make: Factory) -> None:  # type: ignore[no-untyped-def]
    space = followed(make)
    invitation(make, space, days=6, state=InvitationState.ACCEPTED)
    pathway(make, space, PathwayState.IN_PROGRESS)
    text = first_page(space.person)
    assert "Vous répondez à des questions avec votre conseiller." in text
    assert "Vous visitez" not in text


def test_an_answer_that_is_waited_for_comes_before_a_distant_day(  # type: ignore[no-untyped-def]
    first_page, make: Factory
) -> None:
    space = followed(make)
    invitation(make, space, days=6, state=InvitationState.ACCEPTED)
    adviser = make.account(Role.ADVISER)
    offer = make.offer(adviser)
    make.add(
        Introduction(
            person_id=space.person.id,
            offer_id=offer.id,
            by_id=adviser.id,
            organisation_id=offer.organisation_id,
            state=IntroductionState.AGREEMENT_ASKED,
        )
    )
    text = first_page(space.person)
    assert "On vous propose un travail." in text
    assert f"/moi/pistes/{offer.public_id}" in text


def test_nobody_who_refuses_employers_is_asked_about_one(  # type: ignore[no-untyped-def]
    first_page, make: Factory
) -> None:
    space = followed(make, employers_refused_at=clock.now())
    adviser = make.account(Role.ADVISER)
    offer = make.offer(adviser)
    make.add(
        Introduction(
            person_id=space.person.id,
            offer_id=offer.id,
            by_id=adviser.id,
            organisation_id=offer.organisation_id,
            state=IntroductionState.AGREEMENT_ASKED,
        )
    )
    assert "On vous propose un travail." not in first_page(space.person)


def test_an_entry_in_training_is_a_step(first_page, make: Factory) -> None:  # type: ignore[no-untyped-def]
    space = followed(make)
    make.add(
        Enrollment(
            person_id=space.person.id,
            session=make.session_of_training(starts_in=4),
            prescriber_id=space.referent.memberships[0].organisation_id,
            by_id=space.referent.id,
            state=EnrollmentState.ADMITTED,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.PHONE.value,
        )
    )
    text = first_page(space.person)
    assert "Vous commencez une formation." in text
    assert "Ouvrier de travaux publics" in text


def test_a_barrier_is_never_named(first_page, make: Factory) -> None:  # type: ignore[no-untyped-def]
    space = followed(make)
    row = pathway(make, space, PathwayState.IN_PROGRESS)
    row.steps[0].start = row.steps[0].end = clock.today() - timedelta(days=1)
    text = first_page(space.person)
    assert "Vous réglez un point avec votre conseiller." in text
    assert "Garde" not in text


def test_a_pathway_in_pause_asks_nothing(first_page, make: Factory) -> None:  # type: ignore[no-untyped-def]
    space = followed(make)
    pathway(make, space, PathwayState.PAUSED)
    assert "Vous répondez à des questions" not in first_page(space.person)


def test_a_trip_is_told_by_the_person_s_own_means(make: Factory, session: Session) -> None:
    walker = make.person(modes="walk", place=ARRAS)
    driver = make.person(modes="car", place=ARRAS)
    session.flush()
    there = make.commune(MARQUION)
    assert trip(walker, there) is None, "hours on foot are no good guess"
    found = trip(driver, there)
    assert found is not None
    assert found.mode == "car"
    assert found.minutes % 5 == 0


def test_without_a_commune_no_trip_is_told(make: Factory) -> None:
    assert trip(make.person(), None) is None


def test_a_trip_reads_as_a_sentence(app) -> None:  # type: ignore[no-untyped-def]
    with app.test_request_context():
        assert Trip(25, "bus").text == "Environ 25\u00a0min en bus."
