"""From a place in a cohort to a contract, and from there to three and six months."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hires.follow_ups import record_follow_up
from portal.hires.recording import record_hire
from portal.hires.rules import Terms
from portal.models import (
    Account,
    Cohort,
    CohortMembership,
    CohortState,
    ContactChannel,
    ContractKind,
    EmployerCommitment,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    Hire,
    JobPromise,
    MembershipState,
    Role,
)
from tests.portal.hires.conftest import Site, acting
from tests.support.client import CheckingClient, sign_in

_S = MembershipState


@pytest.fixture
def hub(site: Site) -> Account:
    return site.make.account(Role.HUB)


@pytest.fixture
def member(site: Site, hub: Account) -> CohortMembership:
    """Certified, in a cohort of the hub that is hiring."""
    cohort = site.make.add(
        Cohort(
            hub_id=hub.memberships[0].organisation_id,
            title="Cohorte d’essai",
            occupation_code=site.make.occupation().code,
            session=site.make.session_of_training(starts_in=-90, lasts=60),
            state=CohortState.HIRING,
            seats=8,
            threshold=6,
        )
    )
    row: CohortMembership = site.make.add(
        CohortMembership(
            cohort=cohort,
            person=site.person,
            prescriber_id=site.referent.memberships[0].organisation_id,
            state=_S.CERTIFIED,
            state_since=clock.now(),
        )
    )
    return row


def promise(site: Site, member: CohortMembership) -> EmployerCommitment:
    row: EmployerCommitment = site.make.add(
        EmployerCommitment(
            cohort=member.cohort,
            establishment=site.firm,
            jobs_promised=3,
            jobs=3,
            contract=ContractKind.CDD,
            contract_months=6,
        )
    )
    site.make.add(JobPromise(membership=member, commitment=row, promised_on=clock.today()))
    return row


def test_a_promised_job_fills_the_form_and_the_hub_records_the_hire(
    client: CheckingClient, session: Session, site: Site, hub: Account, member: CohortMembership
) -> None:
    promise(site, member)
    session.commit()
    sign_in(client, session, hub)
    path = f"/embauches/nouvelle?membre={member.public_id}"
    page = client.get(path).get_data(as_text=True)
    assert "Terrassements Essai" in page
    assert "Amina B." in page
    assert "Bertin" not in page, "a hub reads the card, not the file"
    given = {"contract": "cdi", "start": clock.today().isoformat(), "weekly_hours": "35"}
    assert client.post(path, data=given).status_code == 303
    session.expire_all()
    hire = session.scalars(select(Hire)).one()
    assert (hire.cohort_id, hire.establishment_id) == (member.cohort_id, site.firm.id)
    assert hire.organisation_id == hub.memberships[0].organisation_id
    assert member.state is _S.HIRED
    assert "Bertin" not in client.get(f"/embauches/{hire.public_id}").get_data(as_text=True)


def test_the_referent_of_the_person_reads_the_hire_and_another_hub_does_not(
    client: CheckingClient, session: Session, site: Site, hub: Account, member: CohortMembership
) -> None:
    hire = record_hire(
        session,
        acting(hub),
        person=site.person,
        establishment=site.firm,
        terms=Terms(ContractKind.CDI, clock.today(), None, 35.0),
        membership=member,
    )
    stranger = site.make.account(Role.HUB)
    session.commit()
    sign_in(client, session, site.referent)
    assert client.get(f"/embauches/{hire.public_id}").status_code == 200
    sign_in(client, session, stranger)
    assert client.get(f"/embauches/{hire.public_id}").status_code == 404
    assert client.get(f"/embauches/nouvelle?membre={member.public_id}").status_code == 404


def test_nobody_is_hired_from_a_state_that_does_not_lead_there(
    session: Session, site: Site, hub: Account, member: CohortMembership
) -> None:
    member.state = _S.PREPARING
    session.commit()
    with pytest.raises(IllegalTransitionError):
        record_hire(
            session,
            acting(hub),
            person=site.person,
            establishment=site.firm,
            terms=Terms(ContractKind.CDI, clock.today(), None, 35.0),
            membership=member,
        )
    session.rollback()
    assert session.scalars(select(Hire)).all() == []
    assert member.state is _S.PREPARING


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (FollowUpResult.GOOD, _S.FOLLOWED_M3),
        (FollowUpResult.GONE, _S.HIRED),
        (FollowUpResult.NO_ANSWER, _S.HIRED),
    ],
)
def test_news_at_three_months_move_the_person_in_the_cohort_if_still_there(
    session: Session,
    site: Site,
    hub: Account,
    member: CohortMembership,
    said: FollowUpResult,
    state: MembershipState,
) -> None:
    hire = record_hire(
        session,
        acting(hub),
        person=site.person,
        establishment=site.firm,
        terms=Terms(ContractKind.CDI, clock.today() - timedelta(days=95), None, 35.0),
        membership=member,
    )
    for side in (FollowUpSide.EMPLOYER, FollowUpSide.PERSON):
        row = next(r for r in hire.follow_ups if (r.kind, r.side) == (FollowUpKind.M3, side))
        record_follow_up(
            session,
            acting(hub),
            follow_up=row,
            on=clock.today(),
            channel=ContactChannel.PHONE,
            result=said,
        )
        expected = state if side is FollowUpSide.PERSON else _S.HIRED
        assert member.state is expected
