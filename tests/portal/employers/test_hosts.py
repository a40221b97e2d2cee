"""Those who are there: two minutes, four questions, lateness; links of one purpose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from portal import clock
from portal.access.actor import Actor
from portal.calls.queries import who_follows
from portal.doors.links import make_link
from portal.hires import recording as hiring
from portal.hires.rules import Terms
from portal.models import (
    CallReason,
    CallRequest,
    ContractKind,
    DomainEvent,
    DoorLink,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    Hire,
    Immersion,
    ImmersionAssessment,
    ImmersionObject,
    ImmersionState,
    IntroductionState,
    JobFollowUp,
    LinkPurpose,
    ObjectivesOutcome,
    SkillAssertion,
)
from tests.portal.doors.support import last_code, link_for, path_of
from tests.portal.employers.conftest import HIDDEN, LAST_NAME, Firm
from tests.support.client import client_for

P = LinkPurpose


@pytest.fixture
def immersion(firm: Firm) -> Immersion:
    """In progress, its last day come."""
    for code in ("tp.poser", "tp.niveler"):
        firm.make.core_skill(firm.make.occupation(), code)
    row: Immersion = firm.make.add(
        Immersion(
            person_id=firm.person.id,
            establishment_id=firm.establishment.id,
            occupation_code=firm.make.occupation().code,
            support_id=firm.introduction.organisation_id,
            state=ImmersionState.ASSESSMENT_DUE,
            object=ImmersionObject.RECRUIT,
            objectives="Voir si le poste convient",
            tasks="Poser",
            start=clock.today() - timedelta(days=12),
            end=clock.today() - timedelta(days=1),
            presence_days=10,
            weekly_hours=35.0,
            schedule="8 h à 16 h",
            tutor_name="Bruno Caslier",
        )
    )
    firm.session.commit()
    return row


@pytest.fixture
def hire(firm: Firm) -> Hire:
    """Signed a month ago, from a meeting."""
    firm.introduction.state = IntroductionState.MEETING
    firm.introduction.meeting_on = clock.today()
    start = clock.today() - timedelta(days=40)
    row = hiring.record_hire(
        firm.session,
        Actor(firm.adviser, firm.adviser.memberships[0]),
        person=firm.person,
        establishment=firm.establishment,
        terms=Terms(ContractKind.CDD, start, start + timedelta(days=200), 35.0),
        offer=firm.offer,
        introduction=firm.introduction,
    )
    firm.session.commit()
    return row


def news_of(hire: Hire, kind: FollowUpKind = FollowUpKind.M1) -> JobFollowUp:
    return next(r for r in hire.follow_ups if (r.kind, r.side) == (kind, FollowUpSide.EMPLOYER))


def link_to(firm: Firm, purpose: LinkPurpose, subject: object) -> DoorLink:
    return make_link(firm.session, purpose=purpose, to=firm.contact, subject=subject)


GOOD = {"on_time": "yes", "work": "yes", "team": "yes", "goes_on": "yes"}


@pytest.mark.parametrize("way", ["by_link", "by_account"])
def test_the_tutor_answers_with_a_face_and_gestures(
    firm: Firm, immersion: Immersion, way: str
) -> None:
    client = getattr(firm, way)()
    assert "Dire comment ça se passe" in client.get("/entreprise/accueils").text
    url = f"/entreprise/accueils/{immersion.public_id}/bilan"
    page = client.get(url).text
    for words in ("sans aide", "avec aide", "pas encore", "Deux minutes"):
        assert words in page
    assert client.post(url, data={"by_name": "Bruno"}).status_code == 422
    said = {"objectives": "partly", "geste-0": "2", "geste-1": "1", "by_name": "Bruno Caslier"}
    assert client.post(url, data=said).status_code == 303
    assert "Merci" in client.get(url).text
    firm.session.expire_all()
    row = firm.session.scalars(select(ImmersionAssessment)).one()
    assert (row.objectives, row.came) == (ObjectivesOutcome.PARTLY, True)
    facts = firm.session.scalars(select(SkillAssertion).filter_by(person_id=firm.person.id)).all()
    assert sorted(fact.level for fact in facts if fact.level is not None) == [1, 2]
    assert immersion.state is ImmersionState.CLOSED
    event = firm.session.scalars(select(DomainEvent).filter_by(name="assessed")).one()
    assert (event.details.get("contact") == firm.contact.public_id) is (way == "by_link")
    assert client.post(url, data=said).status_code == 409, "said once"


def test_nobody_came(firm: Firm, immersion: Immersion) -> None:
    url = f"/entreprise/accueils/{immersion.public_id}/bilan"
    said = {"absent": "y", "geste-0": "2", "by_name": "Bruno"}
    assert firm.by_link().post(url, data=said).status_code == 303
    row = firm.session.scalars(select(ImmersionAssessment)).one()
    assert (row.came, row.objectives) == (False, ObjectivesOutcome.NOT_REACHED)
    assert (
        firm.session.scalars(select(SkillAssertion).filter_by(person_id=firm.person.id)).all() == []
    )


@pytest.mark.parametrize(
    ("answers", "result", "late"),
    [
        (GOOD, FollowUpResult.GOOD, False),
        (GOOD | {"work": "sometimes"}, FollowUpResult.MIXED, False),
        (GOOD | {"on_time": "no"}, FollowUpResult.BAD, True),
        ({"gone": "y"}, FollowUpResult.GONE, False),
    ],
)
def test_four_questions_come_to_a_result(
    firm: Firm, hire: Hire, answers: dict[str, str], result: FollowUpResult, late: bool
) -> None:
    row = news_of(hire)
    client, url = firm.by_link(), f"/entreprise/nouvelles/{row.public_id}"
    assert client.post(url, data={"on_time": "yes"}).status_code == 422
    assert client.post(url, data=answers).status_code == 303
    assert "Merci" in client.get(url).text
    firm.session.expire_all()
    assert (row.result, row.by_id, row.channel) == (result, None, None)
    calls = {call.reason for call in firm.session.scalars(select(CallRequest))}
    assert calls == ({CallReason.LATE, CallReason.HOURS} if late else set())
    assert client.post(url, data=answers).status_code == 409


def test_lateness_is_one_button_and_one_call_to_each_side(firm: Firm, hire: Hire) -> None:
    lead = who_follows(firm.session, firm.person)
    assert lead is not None
    client, url = firm.by_link(), f"/entreprise/embauches/{hire.public_id}/retards"
    assert "Signaler des retards" in client.get("/entreprise/accueils").text
    for _twice in range(2):
        assert client.post(url).status_code == 303
    ours, theirs = firm.session.scalars(
        select(CallRequest).order_by(CallRequest.person_id.is_not(None))
    ).all()
    assert (ours.reason, ours.account_id) == (CallReason.LATE, firm.adviser.id)
    assert (theirs.reason, theirs.person_id) == (CallReason.HOURS, firm.person.id)
    assert (theirs.organisation_id, theirs.account_id) == (lead.organisation_id, lead.account_id)
    assert "retard" not in (theirs.note or "")
    assert min(ours.due_on, theirs.due_on) > clock.today()


def test_the_person_s_side_of_the_news_is_not_the_firm_s(firm: Firm, hire: Hire) -> None:
    own = next(row for row in hire.follow_ups if row.side is FollowUpSide.PERSON)
    assert firm.by_link().get(f"/entreprise/nouvelles/{own.public_id}").status_code == 404


def test_the_page_of_a_link_says_how_many_for_which_trade_and_nothing_of_them(firm: Firm) -> None:
    space = link_for(firm.session, firm.contact)
    page = client_for(firm.app).get(path_of(space)).text
    assert "On vous propose 1 personne pour" in page
    assert "maçon VRD" in page
    assert [word for word in (*HIDDEN, "Nadia", LAST_NAME) if word in page] == []


def test_the_link_of_a_message_leads_to_the_offer_it_is_about(firm: Firm) -> None:
    later = firm.make.offer(firm.adviser, establishment=firm.establishment, title="Grutier")
    later.start_wanted = clock.today() + timedelta(days=40)
    firm.present(later)
    link = link_for(firm.session, firm.contact, subject=later)
    client = client_for(firm.app)
    page = client.get(path_of(link)).text
    assert page.index("grutier") < page.index("maçon VRD")
    client.post(path_of(link))
    inside = client.post(f"{path_of(link)}/code", data={"code": last_code(firm.session)})
    assert inside.location == f"/entreprise#offre-{later.public_id}"
    # A second tap, then « Back »: the browser is inside, whatever the link has become.
    for again in (client.post(f"{path_of(link)}/code"), client.get(f"{path_of(link)}/code")):
        assert again.location == inside.location


def test_the_page_of_a_link_of_one_purpose_proposes_nobody(
    firm: Firm, immersion: Immersion, hire: Hire
) -> None:
    for purpose, subject in (
        (P.EMPLOYER_ASSESSMENT, immersion),
        (P.EMPLOYER_FOLLOW_UP, news_of(hire)),
    ):
        link = link_for(firm.session, firm.contact, purpose, subject)
        page = client_for(firm.app).get(path_of(link)).text
        assert firm.establishment.name in page
        assert "On vous propose" not in page


def test_a_link_of_one_purpose_opens_that_page_alone(
    firm: Firm, immersion: Immersion, hire: Hire
) -> None:
    assess = f"/entreprise/accueils/{immersion.public_id}/bilan"
    news = f"/entreprise/nouvelles/{news_of(hire).public_id}"
    other = f"/entreprise/nouvelles/{news_of(hire, FollowUpKind.J7).public_id}"
    tutor = firm.by_link(link=link_to(firm, P.EMPLOYER_ASSESSMENT, immersion))
    boss = firm.by_link(link=link_to(firm, P.EMPLOYER_FOLLOW_UP, news_of(hire)))
    elsewhere = (
        "/entreprise",
        "/entreprise/accueils",
        f"/entreprise/personnes/{firm.introduction.public_id}",
    )
    assert (tutor.get(assess).status_code, boss.get(news).status_code) == (200, 200)
    for client, closed in ((tutor, news), (boss, assess), (boss, other)):
        for path in (*elsewhere, closed):
            assert client.get(path).status_code == 403, path
    assert '/entreprise/accueils"' not in tutor.get(assess).text
    url = f"/entreprise/personnes/{firm.introduction.public_id}/rencontre"
    assert tutor.post(url, data={"on": clock.today().isoformat()}).status_code == 403


def test_another_firm_reaches_none_of_it(firm: Firm, immersion: Immersion, hire: Hire) -> None:
    client = firm.by_link(firm.make.contact(firm.make.establishment()))
    for path in (
        f"accueils/{immersion.public_id}/bilan",
        f"accueils/{immersion.public_id}/convention.pdf",
        f"nouvelles/{news_of(hire).public_id}",
        f"embauches/{hire.public_id}/aides",
    ):
        assert client.get(f"/entreprise/{path}").status_code == 404, path
    assert client.post(f"/entreprise/embauches/{hire.public_id}/retards").status_code == 404
    assert "Nadia" not in client.get("/entreprise/accueils").text


def test_no_page_holds_what_an_employer_may_not_know(
    firm: Firm, immersion: Immersion, hire: Hire
) -> None:
    """T-SEC-01, on every page of the space, after a meeting and a hire."""
    client = firm.by_link()
    offer = firm.offer.public_id
    paths = [
        "",
        f"/personnes/{firm.introduction.public_id}",
        "/accueils",
        f"/accueils/{immersion.public_id}/bilan",
        f"/nouvelles/{news_of(hire).public_id}",
        f"/offres/{offer}/exigences",
        f"/offres/{offer}/aides",
        f"/embauches/{hire.public_id}/aides",
    ]
    for path in paths:
        response = client.get(f"/entreprise{path}")
        assert response.status_code == 200, path
        found = [word for word in (*HIDDEN, firm.person.public_id) if word in response.text]
        assert found == [], path


def test_before_a_meeting_no_page_holds_the_last_name(firm: Firm) -> None:
    client = firm.by_account()
    offer, person = firm.offer.public_id, firm.introduction.public_id
    for path in (
        "",
        f"/personnes/{person}",
        f"/personnes/{person}/essai",
        "/accueils",
        f"/offres/{offer}/exigences",
        f"/offres/{offer}/aides",
    ):
        page = client.get(f"/entreprise{path}").text
        assert [word for word in (*HIDDEN, LAST_NAME) if word in page] == [], path
