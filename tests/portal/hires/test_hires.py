"""A hire from its origin to its end: what it closes, who is called, who reads what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hires import recording
from portal.hires.follow_ups import record_follow_up
from portal.hires.rules import Terms
from portal.immersions.periods import months_after, months_before
from portal.models import (
    AccessKind,
    AccessLog,
    Contact,
    ContactChannel,
    ContractKind,
    DomainEvent,
    Establishment,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    Hire,
    HireEndReason,
    HireState,
    IntroductionState,
    JobFollowUp,
    OutcomeReason,
    Role,
)
from tests.portal.hires.conftest import Site, acting
from tests.portal.hires.support import text_of
from tests.support.client import CheckingClient, sign_in

_S = IntroductionState


def contract(**values: Any) -> dict[str, Any]:
    start = clock.today()
    return {
        "contract": "cdd",
        "start": start.isoformat(),
        "end_planned": months_after(start, 6).isoformat(),
        "weekly_hours": "35",
        **values,
    }


def follow_up(hire: Hire, kind: FollowUpKind, side: FollowUpSide) -> JobFollowUp:
    return next(row for row in hire.follow_ups if (row.kind, row.side) == (kind, side))


def test_a_hire_from_an_introduction_settles_it_and_sets_the_dates_of_news(
    client: CheckingClient, session: Session, site: Site
) -> None:
    row = site.introduce(site.offer, _S.MEETING)
    session.commit()
    sign_in(client, session, site.adviser)
    page = text_of(client, f"/embauches/nouvelle?introduction={row.public_id}")
    assert "Terrassements Essai" in page
    assert site.offer.start_wanted is not None
    assert f'value="{site.offer.start_wanted.isoformat()}"' in page, "the first day it looked for"
    answer = client.post(f"/embauches/nouvelle?introduction={row.public_id}", data=contract())
    assert answer.status_code == 303
    session.expire_all()
    hire = session.scalars(select(Hire)).one()
    assert row.state is _S.HIRED
    assert row.outcome_reason is OutcomeReason.HIRED
    assert text_of(client, f"/mises-en-relation/{row.public_id}").count("> embauche") == 1
    assert hire.organisation_id == site.offer.organisation_id
    assert hire.offer_id == site.offer.id
    assert len(hire.follow_ups) == 9
    end = follow_up(hire, FollowUpKind.END_OF_SITE, FollowUpSide.PERSON)
    assert hire.end_planned is not None
    assert end.due == months_before(hire.end_planned, 3)
    names = set(session.scalars(select(DomainEvent.name)))
    assert {"hire_recorded", "hired"} <= names


def test_a_hire_refused_leaves_neither_contract_nor_date_behind(
    client: CheckingClient, session: Session, site: Site
) -> None:
    row = site.introduce(site.offer, _S.SENT)  # no meeting yet: nobody is hired from a card
    session.commit()
    sign_in(client, session, site.adviser)
    answer = client.post(f"/embauches/nouvelle?introduction={row.public_id}", data=contract())
    assert answer.status_code == 422
    assert "Notez d’abord la rencontre" in answer.get_data(as_text=True)
    session.expire_all()
    assert session.scalar(select(func.count(Hire.id))) == 0
    assert session.scalar(select(func.count(JobFollowUp.id))) == 0
    assert row.state is _S.SENT


def test_two_contracts_above_48_hours_are_refused_and_above_35_are_said(
    client: CheckingClient, session: Session, site: Site
) -> None:
    site.hire(weekly_hours=25.0)
    session.commit()
    sign_in(client, session, site.referent)
    path = f"/embauches/nouvelle?personne={site.person.public_id}"
    too_much = contract(employer="Autre Atelier", weekly_hours="24")
    assert client.post(path, data=too_much).status_code == 422
    session.expire_all()
    assert session.scalar(select(func.count(Hire.id))) == 1
    # The firm typed with the refused contract is not left behind either.
    assert (
        session.scalar(select(Establishment).where(Establishment.name == "Autre Atelier")) is None
    )
    answer = client.post(path, data=contract(employer="Autre Atelier", weekly_hours="22,5"))
    assert answer.status_code == 303
    assert "47.5 heures par semaine" in text_of(client, answer.location)


def test_a_second_full_time_job_waits_for_the_end_of_the_first(site: Site) -> None:
    first = site.hire()
    with pytest.raises(IllegalTransitionError, match="70 heures"):
        site.hire(start=clock.today() + timedelta(days=10))
    recording.end_hire(
        site.session,
        acting(site.referent),
        hire=first,
        on=clock.today(),
        reason=HireEndReason.RESIGNED,
    )
    assert site.hire().state is HireState.CURRENT


def test_the_same_firm_is_never_written_twice(
    client: CheckingClient, session: Session, site: Site
) -> None:
    session.commit()
    sign_in(client, session, site.referent)
    path = f"/embauches/nouvelle?personne={site.person.public_id}"
    alike = client.post(path, data=contract(employer="Terrassement Essais"))
    assert alike.status_code == 422
    assert site.firm.public_id in alike.get_data(as_text=True)
    chosen = contract(employer="Terrassement Essais", establishment=site.firm.public_id)
    assert client.post(path, data=chosen).status_code == 303
    session.expire_all()
    assert session.scalars(select(Hire)).one().establishment_id == site.firm.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"contract": "bénévolat"},
        {"contract": ""},
        {"start": "hier"},
        {"end_planned": "2001-01-01"},
        {"weekly_hours": "60"},
        {"weekly_hours": ""},
        {"employer": ""},
        {"employer": "Atelier 12345678901234"},
    ],
)
def test_a_contract_badly_filled_comes_back_with_what_is_wrong(
    client: CheckingClient, session: Session, site: Site, wrong: dict[str, str]
) -> None:
    session.commit()
    sign_in(client, session, site.referent)
    path = f"/embauches/nouvelle?personne={site.person.public_id}"
    answer = client.post(path, data=contract(**{"employer": "Atelier Neuf", **wrong}))
    assert answer.status_code == 422
    assert session.scalar(select(func.count(Hire.id))) == 0


def test_other_introductions_are_closed_only_when_the_actor_says_so(
    client: CheckingClient, session: Session, site: Site
) -> None:
    hired = site.introduce(site.offer, _S.MEETING)
    other = site.introduce(site.make.offer(site.adviser, title="Autre poste"), _S.SENT)
    kept = site.introduce(site.make.offer(site.adviser, title="Poste du soir"), _S.AGREED)
    session.commit()
    sign_in(client, session, site.adviser)
    answer = client.post(f"/embauches/nouvelle?introduction={hired.public_id}", data=contract())
    page = text_of(client, answer.location)
    assert "Lesquelles clore" in page
    session.expire_all()
    assert (other.state, kept.state) == (_S.SENT, _S.AGREED)
    client.post(f"{answer.location}/mises-en-relation", data={"introduction": other.public_id})
    session.expire_all()
    assert other.state is _S.CLOSED
    assert other.outcome_reason is OutcomeReason.HIRED_ELSEWHERE
    assert kept.state is _S.AGREED


def test_a_difficulty_is_a_task_of_the_same_day_until_somebody_deals_with_it(
    client: CheckingClient, session: Session, site: Site
) -> None:
    hire = site.hire(start=clock.today() - timedelta(days=8))
    row = follow_up(hire, FollowUpKind.J7, FollowUpSide.PERSON)
    colleague = site.make.account(Role.REFERENT, site.referent.memberships[0].organisation)
    session.commit()
    sign_in(client, session, site.referent)
    assert "Nouvelles à une semaine, la personne" in text_of(client, "/")
    news = {
        "on": clock.today().isoformat(),
        "channel": "phone",
        "result": "bad",
        "note": "Horaires",
    }
    path = f"/embauches/{hire.public_id}/suivis/{row.public_id}"
    assert client.post(path, data=news).status_code == 303
    session.expire_all()
    assert row.result is FollowUpResult.BAD
    assert session.scalar(select(func.count(Contact.id))) == 1
    other = sign_in(client, session, colleague)
    day = text_of(other, "/")
    assert "Difficulté" in day
    assert "Aujourd’hui" in day
    assert client.post(f"{path}/regle", data={"how": ""}).status_code == 422
    assert client.post(f"{path}/regle", data={"how": "Horaires revus"}).status_code == 303
    assert "Difficulté" not in text_of(other, "/")
    assert client.post(path, data=news).status_code == 303  # said once, kept once
    session.expire_all()
    assert row.settled_how == "Horaires revus"
    assert session.scalar(select(func.count(Contact.id))) == 1


def test_somebody_gone_is_dealt_with_by_the_end_of_the_contract(site: Site) -> None:
    hire = site.hire(start=clock.today() - timedelta(days=40))
    row = follow_up(hire, FollowUpKind.M1, FollowUpSide.EMPLOYER)
    record_follow_up(
        site.session,
        acting(site.referent),
        follow_up=row,
        on=clock.today(),
        channel=ContactChannel.PHONE,
        result=FollowUpResult.GONE,
    )
    recording.end_hire(
        site.session,
        acting(site.referent),
        hire=hire,
        on=clock.today() - timedelta(days=2),
        reason=HireEndReason.TRIAL_EMPLOYER,
    )
    assert hire.state is HireState.BROKEN
    assert row.settled_on == clock.today()
    assert site.session.scalar(select(func.count(Contact.id))) == 0  # the employer's words


def test_a_silence_may_be_followed_by_an_answer(site: Site) -> None:
    hire = site.hire(start=clock.today() - timedelta(days=8))
    row = follow_up(hire, FollowUpKind.J7, FollowUpSide.EMPLOYER)
    for result in (FollowUpResult.NO_ANSWER, FollowUpResult.GOOD):
        record_follow_up(
            site.session,
            acting(site.referent),
            follow_up=row,
            on=clock.today(),
            channel=ContactChannel.PHONE,
            result=result,
        )
    assert row.result is FollowUpResult.GOOD


def test_the_preparation_of_the_end_moves_with_the_end(
    client: CheckingClient, session: Session, site: Site
) -> None:
    start = clock.today()
    hire = site.hire(contract=ContractKind.CDD, end_planned=months_after(start, 6))
    session.commit()
    sign_in(client, session, site.referent)
    later = months_after(start, 10)
    path = f"/embauches/{hire.public_id}/prolongation"
    given = {"new_contract": "cdd", "new_end": later.isoformat()}
    assert client.post(path, data=given).status_code == 303
    session.expire_all()
    assert follow_up(hire, FollowUpKind.END_OF_SITE, FollowUpSide.PERSON).due == months_before(
        later, 3
    )
    assert client.post(path, data={"new_contract": "cdi", "new_end": ""}).status_code == 303
    session.expire_all()
    assert {row.kind for row in hire.follow_ups} == set(FollowUpKind) - {FollowUpKind.END_OF_SITE}


def test_an_end_needs_its_reason_and_a_day_of_the_contract(
    client: CheckingClient, session: Session, site: Site
) -> None:
    hire = site.hire(start=clock.today() - timedelta(days=30))
    session.commit()
    sign_in(client, session, site.referent)
    path = f"/embauches/{hire.public_id}/fin"
    day = clock.today().isoformat()
    assert client.post(path, data={"ended_on": day, "reason": ""}).status_code == 422
    early = (hire.start - timedelta(days=1)).isoformat()
    client.post(path, data={"ended_on": early, "reason": "resigned"})
    session.expire_all()
    assert hire.state is HireState.CURRENT
    client.post(path, data={"ended_on": day, "reason": "term"})
    session.expire_all()
    assert (hire.state, hire.end_reason) == (HireState.ENDED, HireEndReason.TERM)
    page = text_of(client, f"/embauches/{hire.public_id}")
    assert "sans objet" in page  # the employer is not called about somebody who has left


def test_others_do_not_find_the_hire_and_the_refusal_is_logged(
    client: CheckingClient, session: Session, site: Site
) -> None:
    hire = site.hire()
    stranger = site.make.account(Role.REFERENT)
    session.commit()
    sign_in(client, session, stranger)
    assert client.get(f"/embauches/{hire.public_id}").status_code == 404
    assert client.get(f"/embauches/nouvelle?personne={site.person.public_id}").status_code == 404
    refused = select(AccessLog).where(AccessLog.kind == AccessKind.REFUSED)
    assert session.scalars(refused).one().person_id == site.person.id
    assert site.person.last_name not in text_of(client, "/embauches?vue=current")


def test_the_employer_reads_the_jobs_it_gave_and_nothing_of_the_person(
    client: CheckingClient, session: Session, site: Site
) -> None:
    hire = site.hire(start=clock.today() - timedelta(days=8))
    row = follow_up(hire, FollowUpKind.J7, FollowUpSide.PERSON)
    record_follow_up(
        session,
        acting(site.referent),
        follow_up=row,
        on=clock.today(),
        channel=ContactChannel.PHONE,
        result=FollowUpResult.BAD,
        note="Le chef crie",
    )
    elsewhere = site.make.person(first_name="Boris", last_name="Autrefirme")
    recording.record_hire(
        session,
        acting(site.referent),
        person=elsewhere,
        establishment=site.make.establishment(),
        terms=Terms(ContractKind.CDI, clock.today(), None, 35.0),
    )
    employer = site.make.account(Role.EMPLOYER)
    employer.memberships[0].organisation.establishment_id = site.firm.id
    session.commit()
    sign_in(client, session, employer)
    page = text_of(client, "/entreprise/accueils")
    assert "Amina Bertin" in page
    assert "CDI" in page
    for hidden in ("Autrefirme", "Le chef crie", "ifficult", site.person.phone or "RSA"):
        assert hidden not in page
    assert client.get(f"/embauches/{hire.public_id}").status_code == 403
