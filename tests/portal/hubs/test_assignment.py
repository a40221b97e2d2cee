"""People × places, as proposals: nobody twice, capacities, travel, wishes, pins (T-HUB-07)."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import assignment, assignment_choices, assignment_words
from portal.hubs.assignment import Purpose
from portal.matchmaking import cohorts as engine
from portal.models import (
    CohortPair,
    CohortState,
    ContractKind,
    EmployerCommitment,
    Hire,
    JobPromise,
    MembershipState,
    PairChoice,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import AMIENS, ARRAS, CAMBRAI, LENS, MARQUION, Factory

S = MembershipState
IMMERSION, JOB = Purpose.IMMERSION, Purpose.JOB


def where(problem: assignment.Problem) -> dict[str, EmployerCommitment]:
    """Who is proposed where."""
    return {a.candidate: problem.spots[a.place].commitment for a in problem.proposal.assignments}


def test_t_hub_07_fifteen_people_ten_places_two_waves(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    for place in (ARRAS, LENS, CAMBRAI, MARQUION, ARRAS):
        commitment = hub.commitment(cohort, place=place)
        for wave in (1, 2):
            hub.places(commitment, wave=wave, capacity=2)
    people = [
        hub.person(place=place, modes="bus|car")
        for place in (ARRAS, LENS, CAMBRAI)
        for _n in "12345"
    ]
    for person in people:
        hub.member(cohort, S.SELECTED, person)
    problem = assignment.solve(session, cohort=cohort, purpose=IMMERSION)
    placed = [row.candidate for row in problem.proposal.assignments]
    assert len(placed) == len(set(placed)), "nobody twice"
    assert problem.proposal.totals is not None
    used = Counter(row.place for row in problem.proposal.assignments)
    assert all(count <= problem.spots[place].free for place, count in used.items())
    limits = {person.public_id: person.max_minutes * 60 for person in people}
    for row in problem.proposal.assignments:
        assert row.seconds is not None
        assert row.flag is not None or row.seconds <= limits[row.candidate]
    assert len(placed) + len(problem.proposal.unplaced) == 15
    assert len(placed) == 15


def test_who_is_left_is_told_why_and_what_lacks(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    hub.places(hub.commitment(cohort), capacity=1)
    near = [hub.member(cohort, S.SELECTED) for _n in range(3)]
    far = hub.member(cohort, S.SELECTED, hub.person(place=AMIENS, modes="walk"))
    view = assignment_words.view_of(assignment.solve(session, cohort=cohort, purpose=IMMERSION))
    assert len(view.placed) == 1
    left = {line.member.id: line for line in view.left}
    assert far.id in left
    assert left[far.id].conflict is None
    assert "trop loin avec ses moyens de transport" in left[far.id].reasons[0]
    others = [left[row.id] for row in near if row.id in left]
    assert len(others) == 2
    assert all("places prises par d’autres" in line.reasons[0] for line in others)
    assert all(line.conflict and "pour 1 place" in line.conflict for line in others)
    assert view.shortages[0].startswith("Il manque 2 places")


def test_a_job_given_to_the_nearest_and_what_the_training_teaches_counts(
    session: Session, hub: Hub, make: Factory
) -> None:
    make.skill("tp.niveler")
    training = make.session_of_training(teaches={"tp.niveler": 2}, starts_in=90, lasts=70)
    cohort = hub.cohort(training=training)
    offer = make.offer(make.account(), place=LENS)
    make.requires(offer, make.skill("tp.niveler"), level=2)
    at_lens = hub.commitment(cohort, place=LENS, offer_id=offer.id)
    at_arras = hub.commitment(cohort, place=ARRAS)
    lens = hub.member(cohort, S.READY, hub.person(place=LENS))
    arras = hub.member(cohort, S.ADMITTED, hub.person(place=ARRAS))
    problem = assignment.solve(session, cohort=cohort, purpose=JOB)
    assert where(problem) == {lens.person.public_id: at_lens, arras.person.public_id: at_arras}
    assert {row.group.value for row in problem.proposal.assignments if row.group} == {"ready"}


def test_a_skill_nobody_teaches_rules_the_job_out_unless_it_is_pinned(
    session: Session, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    offer = make.offer(make.account(), place=ARRAS)
    skill = make.skill("tp.engin")
    make.requires(offer, skill, level=2)
    commitment = hub.commitment(cohort, offer_id=offer.id)
    member = hub.member(cohort, S.READY)
    make.knows(member.person, skill, 0)
    view = assignment_words.view_of(assignment.solve(session, cohort=cohort, purpose=JOB))
    assert "ne sait pas encore" in view.left[0].reasons[0]
    say(session, hub, member, commitment, PairChoice.PINNED)
    view = assignment_words.view_of(assignment.solve(session, cohort=cohort, purpose=JOB))
    assert view.placed[0].pinned
    assert view.placed[0].warning is not None


def say(
    session: Session,
    hub: Hub,
    member: object,
    commitment: EmployerCommitment,
    choice: PairChoice,
    purpose: Purpose = JOB,
) -> None:
    """Say something of a pair."""
    assignment_choices.record_pair(
        session,
        hub.actor,
        membership=member,  # type: ignore[arg-type]
        commitment=commitment,
        purpose=purpose,
        choice=choice,
    )


def test_wishes_refusals_and_choices_of_the_coordinator_are_followed(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    one, two = hub.commitment(cohort), hub.commitment(cohort)
    member = hub.member(cohort, S.READY)
    person = member.person.public_id

    def proposed() -> EmployerCommitment | None:
        return where(assignment.solve(session, cohort=cohort, purpose=JOB)).get(person)

    for commitment in (one, two):
        say(session, hub, member, commitment, PairChoice.PERSON_WISHES)
        assert proposed() is commitment
        assignment_choices.forget_pair(
            session, hub.actor, membership=member, commitment=commitment, purpose=JOB
        )
    say(session, hub, member, one, PairChoice.FORBIDDEN)
    assert proposed() is two
    say(session, hub, member, one, PairChoice.PINNED)
    assert proposed() is one
    say(session, hub, member, one, PairChoice.EMPLOYER_REFUSES)
    assert proposed() is two
    say(session, hub, member, two, PairChoice.PERSON_REFUSES)
    assert proposed() is None


def test_a_pin_against_a_refusal_makes_no_proposal_and_says_so(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    commitment, member = hub.commitment(cohort), hub.member(cohort, S.READY)
    say(session, hub, member, commitment, PairChoice.PERSON_REFUSES)
    say(session, hub, member, commitment, PairChoice.PINNED)
    problem = assignment.solve(session, cohort=cohort, purpose=JOB)
    view = assignment_words.view_of(problem)
    assert view.placed == []
    assert "la personne refuse" in view.broken[0]
    assert commitment.establishment.name in view.broken[0]


def test_retaining_writes_promises_and_takes_the_jobs(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    hub.commitment(cohort, jobs=1)
    first, second = (hub.member(cohort, S.READY) for _n in range(2))
    problem = assignment.solve(session, cohort=cohort, purpose=JOB)
    pair = next(iter(problem.proposal.assignments))
    wanted = {engine.Pairing(pair.candidate, pair.place)}
    assert session.scalars(select(JobPromise)).all() == [], "a proposal writes nothing"
    made = assignment_choices.retain_jobs(session, hub.actor, cohort=cohort, wanted=wanted)
    assert [row.membership.person.public_id for row in made] == [pair.candidate]
    after = assignment.solve(session, cohort=cohort, purpose=JOB)
    assert len(after.members) == 1
    assert (after.free, after.proposal.assignments) == (0, ())
    with pytest.raises(IllegalTransitionError, match="a changé"):
        assignment_choices.retain_jobs(session, hub.actor, cohort=cohort, wanted=wanted)
    assignment_choices.withdraw_promise(session, hub.actor, promise=made[0])
    assert len(assignment.solve(session, cohort=cohort, purpose=JOB).members) == 2
    assert {first.state, second.state} == {S.READY}


def test_a_job_filled_without_a_promise_is_free_no_more(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=CohortState.HIRING)
    commitment = hub.commitment(cohort, jobs=2)
    hired = hub.member(cohort, S.HIRED)
    hub.make.add(
        Hire(
            person_id=hired.person_id,
            establishment_id=commitment.establishment_id,
            cohort_id=cohort.id,
            organisation_id=hub.actor.organisation.id,
            contract=ContractKind.CDD,
            start=clock.today(),
        )
    )
    assert assignment.solve(session, cohort=cohort, purpose=JOB).free == 1


def test_a_wave_that_has_begun_is_proposed_no_more(session: Session, hub: Hub) -> None:
    cohort = hub.cohort()
    place = hub.places(hub.commitment(cohort))
    hub.member(cohort, S.SELECTED)
    with clock.frozen_at(clock.start_of(place.start) + timedelta(days=1)):
        problem = assignment.solve(session, cohort=cohort, purpose=IMMERSION)
    assert (problem.spots, problem.proposal.assignments) == ({}, ())


def test_the_screen_proposes_takes_choices_and_retains(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    commitment = hub.commitment(cohort)
    hub.places(commitment)
    member = hub.member(cohort, S.READY)
    hub.member(cohort, S.SELECTED)
    sign_in(client, session, hub.coordinator)
    base = f"/hubs/{cohort.public_id}/affectation"
    assert "vague 1" in client.get(base).text
    page = client.get(f"{base}/job").text
    assert commitment.establishment.name in page
    said = {"member": member.public_id, "spot": commitment.public_id, "choice": "person_wishes"}
    assert client.post(f"{base}/job/couples", data=said).status_code == 303
    session.expire_all()
    assert [row.choice for row in session.scalars(select(CohortPair))] == [PairChoice.PERSON_WISHES]
    assert client.post(f"{base}/job/couples", data=said | {"choice": "rien"}).status_code == 400
    client.post(f"{base}/job/couples", data=said | {"choice": "forget"})
    session.expire_all()
    assert session.scalars(select(CohortPair)).all() == []
    assert "Cochez d’abord" in client.post(f"{base}/job/retenir", follow_redirects=True).text
    pair = f"{member.person.public_id}:{commitment.public_id}"
    retained = client.post(f"{base}/job/retenir", data={"pair": pair}, follow_redirects=True)
    assert "Postes attribués" in retained.text
    promise = session.scalars(select(JobPromise)).one()
    assert client.post(f"{base}/job/{promise.public_id}/retirer").status_code == 303
    assert client.get(f"{base}/ailleurs").status_code == 404


def test_a_commitment_of_another_cohort_is_not_there(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort, other = hub.cohort(), Hub.build(hub.make).cohort()
    member = hub.member(cohort, S.READY)
    foreign = hub.commitment(other)
    sign_in(client, session, hub.coordinator)
    path = f"/hubs/{cohort.public_id}/affectation/job/couples"
    said = {"member": member.public_id, "spot": foreign.public_id, "choice": "pinned"}
    assert client.post(path, data=said).status_code == 404
    assert client.get(f"/hubs/{other.public_id}/affectation").status_code == 404
