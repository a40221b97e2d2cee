"""Who a cohort may invite: the engine's groups, proposed by those who follow people."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.hubs import candidates
from portal.matchmaking import cohorts as engine
from portal.models import (
    AccessLog,
    AgreementChannel,
    CohortMembership,
    CohortState,
    CommitmentState,
    DomainEvent,
    MembershipState,
    RequirementKind,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import AMIENS, CAMBRAI, Factory
from tests.support.queries import count_queries

S = MembershipState


def test_a_cohort_asks_prerequisites_and_what_promised_jobs_ask_and_nobody_teaches(
    session: Session, hub: Hub, make: Factory
) -> None:
    make.skill("tp.niveler")
    cohort = hub.cohort(training=make.session_of_training(teaches={"tp.niveler": 2}, starts_in=90))
    hub.asks(cohort, "s.consignes", level=1)
    offer = make.offer(make.account())
    make.requires(offer, make.skill("tp.niveler"), level=2)
    make.requires(offer, make.skill("tp.tuyau"), level=2)
    make.requires(offer, make.skill("s.consignes"), level=2)
    make.requires(offer, make.credential_type(), RequirementKind.REGULATORY)
    make.requires(offer, make.skill("tp.plan"), RequirementKind.DESIRED)
    hub.commitment(cohort, offer_id=offer.id)
    withdrawn = make.offer(make.account())
    make.requires(withdrawn, make.skill("tp.engin"))
    hub.commitment(
        cohort, offer_id=withdrawn.id, state=CommitmentState.WITHDRAWN, reason="activity"
    )
    found = engine.cohort_offer(session, cohort)
    assert found is not None
    assert {(row.skill_code or row.credential_code, row.level) for row in found.requirements} == {
        ("s.consignes", 2),
        ("tp.tuyau", 2),
        ("permis_b", None),
    }
    assert not session.new, "what is asked is compared, never stored"


def test_without_a_session_nothing_is_asked_yet(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    cohort.session_id = None
    session.flush()
    assert engine.cohort_offer(session, cohort) is None
    assert candidates.count_matching(session, hub.prescriber, [cohort]) == {cohort.id: 0}


def test_people_followed_stand_in_the_five_groups(
    session: Session, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    hub.asks(cohort, "s.consignes")
    ready, unknown, gap = (hub.person() for _n in range(3))
    make.knows(ready, make.skill("s.consignes"), 2)
    make.knows(gap, make.skill("s.consignes"), 0)
    far = hub.person(place=AMIENS, modes="walk")
    offer = engine.cohort_offer(session, cohort)
    assert offer is not None
    found = candidates.list_candidates(
        session, hub.prescriber, cohort=cohort, offer=offer, window=mm.Window()
    )
    names = {group.key: [line.person.id for line in group.lines] for group in found.groups}
    assert names["ready"] == [ready.id]
    assert names["to_check"] == [unknown.id]
    assert names["gap"] == [gap.id]
    assert found.out_of_reach == 1, far
    other = hub.cohort()
    hub.member(other, person=ready)
    counted = candidates.count_matching(session, hub.prescriber, [cohort, other])
    assert counted == {cohort.id: 2, other.id: 2}
    hub.member(cohort, person=ready)
    assert candidates.count_matching(session, hub.prescriber, [cohort]) == {cohort.id: 1}


def test_a_prescriber_proposes_the_people_it_follows_once(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    person, stranger = hub.person(), Hub.build(hub.make).person()
    found = candidates.propose(
        session,
        hub.prescriber,
        cohort=cohort,
        people=[person.public_id, stranger.public_id],
    )
    assert [row.person_id for row in found.members] == [person.id]
    member = found.members[0]
    assert (member.state, member.group_at_sourcing) == (S.SOURCED, "ready")
    assert member.prescriber_id == hub.prescriber.organisation.id
    again = candidates.propose(session, hub.prescriber, cohort=cohort, people=[person.public_id])
    assert (again.members, again.known) == ([], 1)
    events = session.scalars(
        select(DomainEvent.name).where(DomainEvent.subject_kind == "cohort_membership")
    ).all()
    assert events == ["sourced"]


@pytest.mark.parametrize("state", [CohortState.TRAINING, CohortState.CLOSED])
def test_a_cohort_that_recruits_no_more_takes_nobody(
    session: Session, hub: Hub, state: CohortState
) -> None:
    cohort = hub.cohort(state=state)
    with pytest.raises(IllegalTransitionError, match="ne reçoit pas"):
        candidates.propose(session, hub.prescriber, cohort=cohort, people=[hub.person().public_id])


def test_a_yes_says_who_received_it_when_and_how(session: Session, hub: Hub) -> None:
    member = hub.member(hub.cohort())
    day = clock.today() - timedelta(days=1)
    candidates.record_yes(
        session, hub.prescriber, membership=member, channel=AgreementChannel.PHONE, on=day
    )
    assert member.state is S.INTERESTED
    assert (member.answered_on, member.answer_channel) == (day, AgreementChannel.PHONE)
    assert member.answered_with_id == hub.referent.id


def test_an_answer_is_not_to_come(session: Session, hub: Hub) -> None:
    member = hub.member(hub.cohort())
    with pytest.raises(IllegalTransitionError, match="à venir"):
        candidates.record_yes(
            session,
            hub.prescriber,
            membership=member,
            channel=AgreementChannel.SMS,
            on=clock.today() + timedelta(days=1),
        )


def test_the_hub_reads_counts_by_referent_and_no_name(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    person = hub.person(first_name="Zélie")
    hub.person(first_name="Yanis", shared=False)
    make.person(referent=hub.referent, place=CAMBRAI, first_name="Xavière")
    offer = engine.cohort_offer(session, cohort)
    assert offer is not None
    rows = candidates.list_pool(session, cohort=cohort, offer=offer)
    assert [(row.referent, row.matching) for row in rows] == [(hub.referent, 1)]
    assert candidates.pools_by_prescriber(rows) == {hub.prescriber.organisation.id: 1}
    sign_in(client, session, hub.coordinator)
    page = client.get(f"/hubs/{cohort.public_id}/personnes").text
    assert hub.referent.full_name in page
    assert person.first_name not in page
    assert session.scalar(select(AccessLog.id)) is None


def test_a_referent_ticks_people_and_proposes_them(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    people = [hub.person() for _n in range(3)]
    sign_in(client, session, hub.referent)
    path = f"/hubs/{cohort.public_id}/personnes"
    page = client.get(path).text
    assert all(row.public_id in page for row in people)
    logged = set(session.scalars(select(AccessLog.person_id)))
    assert logged == {row.id for row in people}
    chosen = [row.public_id for row in people[:2]]
    answer = client.post(path, data={"person": chosen}, follow_redirects=True)
    assert "2 personnes proposées" in answer.text
    assert "Cochez d’abord" in client.post(path, data={}, follow_redirects=True).text
    session.expire_all()
    assert len(session.scalars(select(CohortMembership)).all()) == 2


def test_the_rest_of_a_band_is_the_page_reloaded(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    for _n in range(12):
        hub.person()
    sign_in(client, session, hub.referent)
    path = f"/hubs/{cohort.public_id}/personnes?groupe=ready&page=2"
    fragment = client.get(path, hx=True).text
    page = client.get(path).text
    assert fragment.count('name="person"') == page.count('name="person"') == 2


def test_the_people_of_a_structure_are_read_by_referent(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    mine = hub.person()
    colleague = make.account(Role.REFERENT, hub.prescriber.organisation)
    theirs = make.person(referent=colleague)
    sign_in(client, session, hub.referent)
    path = f"/hubs/{cohort.public_id}/personnes"
    assert theirs.public_id not in client.get(path).text
    page = client.get(f"{path}?vue=structure").text
    assert mine.public_id in page
    assert theirs.public_id in page
    page = client.get(f"{path}?vue=structure&referent={colleague.public_id}").text
    assert mine.public_id not in page
    assert theirs.public_id in page


def test_the_number_of_queries_does_not_grow_with_people(
    session: Session, client: CheckingClient, hub: Hub, database: Database
) -> None:
    cohort = hub.cohort()
    hub.member(cohort)
    hub.person()
    sign_in(client, session, hub.referent)
    path = f"/hubs/{cohort.public_id}/personnes"
    client.get(path)
    with count_queries(database.engine) as few:
        client.get(path)
    for _n in range(6):
        hub.member(cohort)
        hub.person()
    session.commit()
    client.get(path)
    with count_queries(database.engine) as many:
        client.get(path)
    assert many.count <= few.count


def test_the_day_asks_no_more_for_more_cohorts(
    session: Session, client: CheckingClient, hub: Hub, database: Database
) -> None:
    hub.cohort(title="Première")
    hub.person()
    sign_in(client, session, hub.referent)
    client.get("/")
    with count_queries(database.engine) as few:
        assert "1 personne de votre portefeuille correspond" in client.get("/").text
    for number in range(4):
        hub.cohort(title=f"Cohorte {number}")
    session.commit()
    client.get("/")
    with count_queries(database.engine) as many:
        assert "Cohorte 3" in client.get("/").text
    assert many.count <= few.count


def test_an_answer_on_the_screen_asks_what_follows_a_no(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    member = hub.member(hub.cohort())
    sign_in(client, session, hub.referent)
    path = f"/hubs/{member.cohort.public_id}/personnes/{member.public_id}"
    assert client.post(f"{path}/prevenue").status_code == 303
    assert client.get(f"{path}/reponse").status_code == 200
    data = {"answer": "no", "channel": "phone", "on": clock.today().isoformat()}
    refused = client.post(f"{path}/reponse", data=data)
    assert refused.status_code == 422
    assert "Dites qui s’en charge." in refused.text
    data |= {
        "reason": "travel",
        "next_step": "Chercher une session à Lens",
        "owner": hub.prescriber.organisation.public_id,
    }
    assert client.post(f"{path}/reponse", data=data).status_code == 303
    session.expire_all()
    assert (member.state, member.next_step) == (S.WITHDRAWN, "Chercher une session à Lens")
    assert member.next_step_owner_id == hub.prescriber.organisation.id
    assert member.answered_with_id == hub.referent.id


def test_nobody_else_speaks_for_a_person(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    member = hub.member(hub.cohort())
    colleague = make.account(Role.REFERENT)
    path = f"/hubs/{member.cohort.public_id}/personnes/{member.public_id}"
    sign_in(client, session, colleague)
    assert client.post(f"{path}/prevenue").status_code == 404
    sign_in(client, session, make.account(Role.PILOT_DEPARTEMENT))
    assert client.get(f"/hubs/{member.cohort.public_id}/personnes").status_code == 404
