"""Selection: decided by people on an exercise, ranked without gaps, never an end without a next."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.access.transitions import IllegalTransitionError
from portal.hubs import selection
from portal.hubs.moves import Leaving
from portal.hubs.selection import Decision
from portal.models import CohortMembership, ExitReason, MembershipState
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub

S = MembershipState


def decide(
    session: Session, hub: Hub, member: CohortMembership, decision: Decision, *, why: bool = False
) -> None:
    """Decide, with a next step when ``why``."""
    leaving = Leaving(
        ExitReason.EXERCISE, "Atelier de découverte d’un autre métier", hub.prescriber.organisation
    )
    selection.decide(
        session, hub.actor, membership=member, decision=decision, leaving=leaving if why else None
    )


def ranks(session: Session, members: list[CohortMembership]) -> list[int | None]:
    """The ranks as stored."""
    for member in members:
        session.refresh(member)
    return [member.rank for member in members]


def test_nothing_is_decided_before_an_exercise_or_a_motivation_is_noted(
    session: Session, hub: Hub
) -> None:
    member = hub.member(hub.cohort(), S.PRESENT)
    with pytest.raises(IllegalTransitionError, match="Notez d’abord"):
        decide(session, hub, member, Decision.SELECTED)
    selection.record_notes(
        session, hub.actor, membership=member, exercise="Pose trois bordures seule", motivation=None
    )
    decide(session, hub, member, Decision.SELECTED)
    assert member.state is S.SELECTED


@pytest.mark.parametrize("decision", [Decision.REDIRECTED, Decision.NOT_SELECTED])
def test_t_hub_04_an_end_says_why_what_follows_and_who_takes_it(
    session: Session, hub: Hub, decision: Decision
) -> None:
    member = hub.member(hub.cohort(), S.PRESENT, exercise="Vu")
    with pytest.raises(IllegalTransitionError, match="qui s’en charge"):
        decide(session, hub, member, decision)
    decide(session, hub, member, decision, why=True)
    assert member.state is decision.target
    assert member.next_step_owner_id == hub.prescriber.organisation.id


def test_those_who_wait_are_ranked_without_a_gap(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    members = [hub.member(cohort, S.PRESENT, exercise="Vu") for _n in range(3)]
    for member in members:
        decide(session, hub, member, Decision.WAITING)
    assert ranks(session, members) == [1, 2, 3]
    selection.move_rank(session, hub.actor, membership=members[2], by=-1)
    assert ranks(session, members) == [1, 3, 2]
    selection.move_rank(session, hub.actor, membership=members[0], by=-1)
    assert ranks(session, members) == [1, 3, 2]
    decide(session, hub, members[0], Decision.SELECTED)
    assert ranks(session, members) == [None, 2, 1]


def test_the_list_is_by_state_then_name_whatever_the_group(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    late = hub.member(cohort, S.PRESENT, hub.person(search_name="zoe"), group_at_sourcing="ready")
    early = hub.member(cohort, S.PRESENT, hub.person(search_name="ali"), group_at_sourcing="gap")
    kept = hub.member(cohort, S.SELECTED)
    hub.member(cohort, S.INTERESTED)
    assert selection.list_to_select(session, cohort=cohort) == [early, late, kept]


def test_the_screen_notes_decides_and_ranks(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    one, two = (hub.member(cohort, S.PRESENT) for _n in range(2))
    sign_in(client, session, hub.coordinator)
    base = f"/hubs/{cohort.public_id}/selection"
    assert client.get(base).status_code == 200
    for member in (one, two):
        path = f"{base}/{member.public_id}"
        assert client.get(path).status_code == 200
        client.post(f"{path}/notes", data={"exercise": "Nivelle seule", "motivation": "Dehors"})
        client.post(f"{path}/decision", data={"decision": "waiting"})
    session.expire_all()
    assert (one.rank, two.rank) == (1, 2)
    client.post(f"{base}/{two.public_id}/rang/monter")
    session.expire_all()
    assert (one.rank, two.rank) == (2, 1)
    assert client.post(f"{base}/{two.public_id}/rang/ailleurs").status_code == 404
    assert "rang 1" in client.get(base).text


def test_a_refusal_without_its_next_step_is_not_recorded(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    member = hub.member(cohort, S.PRESENT, exercise="Vu")
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/selection/{member.public_id}/decision"
    answer = client.post(path, data={"decision": "redirected"})
    assert answer.status_code == 422
    assert "Dites ce qui suit pour la personne." in answer.text
    data = {
        "decision": "redirected",
        "reason": "exercise",
        "next_step": "Immersion en espaces verts",
        "owner": hub.actor.organisation.public_id,
    }
    assert client.post(path, data=data).status_code == 303
    session.expire_all()
    assert member.state is S.REDIRECTED
    page = client.get(f"/hubs/{cohort.public_id}/selection").text
    assert "Immersion en espaces verts" in page


def test_a_prescriber_opens_no_selection(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    sign_in(client, session, hub.referent)
    assert client.get(f"/hubs/{cohort.public_id}/selection").status_code == 403
