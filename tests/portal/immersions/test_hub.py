"""A hub prepares immersions for the people of its own cohort, once they are selected."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.models import (
    Account,
    Cohort,
    CohortMembership,
    CohortState,
    Immersion,
    MembershipState,
    Organisation,
    Role,
)
from tests.portal.immersions.conftest import Place
from tests.portal.immersions.test_screens import form_of, new_url, sign_in_again
from tests.support.client import CheckingClient, sign_in


@pytest.fixture
def hub(place: Place) -> Account:
    return place.make.account(Role.HUB)


def member_of(
    place: Place, hub: Organisation, state: MembershipState = MembershipState.PRESENT
) -> CohortMembership:
    """The person of the place, in a cohort of this hub."""
    cohort = Cohort(
        hub=hub,
        title="Canal",
        occupation_code=place.occupation.code,
        state=CohortState.IMMERSION,
        seats=8,
        threshold=6,
    )
    row: CohortMembership = place.make.add(
        CohortMembership(
            cohort=place.make.add(cohort),
            person_id=place.person.id,
            prescriber_id=place.departement.id,
            state=state,
            state_since=clock.now(),
        )
    )
    return row


def test_a_hub_prepares_for_the_people_of_its_own_cohort(
    client: CheckingClient, session: Session, place: Place, hub: Account
) -> None:
    own = member_of(place, hub.memberships[0].organisation)
    cohort, foreign = own.cohort, member_of(place, place.make.organisation()).cohort
    sign_in(client, session, hub)
    assert client.get(new_url(place)).status_code == 404, "a hub reads no file"
    assert client.get(f"{new_url(place)}&cohorte={foreign.public_id}").status_code == 404
    url = f"{new_url(place)}&cohorte={cohort.public_id}"
    assert client.get(url).status_code == 404, "the sheet bears the name: selected first"
    own.state = MembershipState.SELECTED
    session.commit()
    page = client.get(url).text
    assert "Constructeur de routes" in page
    assert "Bertinval" not in page
    kept = client.post(url, data=form_of(place), follow_redirects=True)
    assert kept.status_code == 200
    row = session.scalars(select(Immersion)).one()
    assert row.cohort_id == cohort.id
    assert row.support_id == place.referent.memberships[0].organisation_id, "who leads"
    assert client.get(f"/immersions/{row.public_id}/modifier").status_code == 200
    check = f"/immersions/verification?immersion={row.public_id}"
    assert "respectées" in client.post(check, data=form_of(place), hx=True).text
    assert "Passer à la signature" in kept.text
    assert f"/personnes/{place.person.public_id}" not in kept.text


def test_a_hub_renews_from_the_page_of_the_first_convention(
    client: CheckingClient, session: Session, place: Place, hub: Account
) -> None:
    member = member_of(place, hub.memberships[0].organisation, state=MembershipState.IMMERSION_DONE)
    row = place.validated(cohort_id=member.cohort_id)
    session.commit()
    with clock.frozen_at(clock.start_of(row.end + timedelta(days=1))):
        sign_in_again(client, session, hub)
        said = {"came": "yes", "objectives": "not_reached", "by_name": "Bruno"}
        client.post(f"/immersions/{row.public_id}/bilan", data=said)
        shown = client.get(f"/immersions/{row.public_id}").text
        link = re.search(r'href="(/immersions/nouvelle[^"]*renouvelle[^"]*)"', shown)
        assert link is not None
        url = link[1].replace("&amp;", "&")
        assert row.objectives in client.get(url).text
        start = row.end + timedelta(days=3)
        kept = client.post(url, data=form_of(place, start=start, objectives=row.objectives))
        assert kept.status_code == 303, kept.text
    renewal = session.scalars(select(Immersion).where(Immersion.renewal_of_id == row.id)).one()
    assert renewal.cohort_id == member.cohort_id
