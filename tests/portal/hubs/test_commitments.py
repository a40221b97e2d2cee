"""What employers promise, and what happens when they take it back (T-HUB-03)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import commitments, rules
from portal.models import (
    Cohort,
    CohortState,
    CommitmentReason,
    CommitmentState,
    ContractKind,
    DomainEvent,
    EmployerCommitment,
    Establishment,
    Immersion,
    ImmersionObject,
    ImmersionState,
    JobPromise,
    MembershipState,
    Person,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub

S, E = MembershipState, CommitmentState
TERMS = commitments.Terms(4, ContractKind.CDI, None, "Mme Tutrice", None)
FIELDS = {"employer": "Terrassements du Nord", "jobs": "4", "contract": "cdd"}


@pytest.fixture
def coordinator(client: CheckingClient, session: Session, hub: Hub) -> CheckingClient:
    return sign_in(client, session, hub.coordinator)


def immersion_of(hub: Hub, cohort: Cohort, person: Person, row: EmployerCommitment) -> Immersion:
    day = clock.today() + timedelta(days=10)
    found: Immersion = hub.make.add(
        Immersion(
            person_id=person.id,
            establishment_id=row.establishment_id,
            support_id=hub.actor.organisation.id,
            cohort_id=cohort.id,
            state=ImmersionState.VALIDATED,
            object=ImmersionObject.CONFIRM,
            objectives="Confirmer le métier",
            tasks="Poser des bordures",
            start=day,
            end=day + timedelta(days=11),
            presence_days=10,
            weekly_hours=35,
            schedule="7 h 30 à 15 h 30",
            tutor_name="Mme Tutrice",
        )
    )
    return found


def test_t_hub_03_three_jobs_withdrawn_alert_at_once_and_list_who_is_touched(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.IMMERSION)
    keeps, leaves = hub.commitment(cohort, jobs=9), hub.commitment(cohort, jobs=3)
    leaves.establishment.name = "Canal Travaux"
    with_job = hub.member(cohort, S.IMMERSION_DONE, hub.person(first_name="Zoé"))
    hub.make.add(JobPromise(membership=with_job, commitment=leaves, promised_on=clock.today()))
    away = hub.member(cohort, S.IMMERSION_PLANNED, hub.person(first_name="Yvon"))
    immersion_of(hub, cohort, away.person, leaves)
    safe = hub.member(cohort, S.IMMERSION_PLANNED, hub.person(first_name="Xavière"))
    immersion_of(hub, cohort, safe.person, keeps)
    session.commit()
    page = f"/hubs/{cohort.public_id}"
    assert "cohort-alarm" not in coordinator.get(page).get_data(as_text=True)
    answer = coordinator.post(
        f"{page}/engagements/{leaves.public_id}/perte",
        data={"perte-jobs": "0", "perte-reason": "market_lost"},
        follow_redirects=True,
    )
    listed = answer.get_data(as_text=True)
    for text in ("Canal Travaux", "marché perdu", "Zoé", "Yvon"):
        assert text in listed
    assert "Xavière" not in listed
    session.refresh(leaves)
    assert (leaves.state, leaves.jobs, leaves.jobs_promised) == (E.WITHDRAWN, 0, 3)
    event = session.scalars(select(DomainEvent).filter_by(name="commitment_lost")).one()
    assert (event.reason, event.details) == ("market_lost", {"lost": 3, "jobs": 0})
    header = coordinator.get(page).get_data(as_text=True)
    assert "cohort-alarm" in header
    assert "il en manque 3" in header
    day = coordinator.get("/").get_data(as_text=True)
    assert "Un employeur reprend des postes" in day
    assert "2 personnes concernées" in day


def test_a_loss_touches_nobody_who_left_nor_an_immersion_that_is_over(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    row = hub.commitment(cohort, jobs=3, state=E.REDUCED, reason=CommitmentReason.ACTIVITY)
    over = hub.member(cohort, S.IMMERSION_DONE)
    immersion_of(hub, cohort, over.person, row).state = ImmersionState.CLOSED
    gone = hub.member(
        cohort,
        S.WITHDRAWN,
        exit_reason="job_found",
        next_step="Suivi",
        next_step_owner_id=hub.actor.organisation.id,
    )
    hub.make.add(JobPromise(membership=gone, commitment=row, promised_on=clock.today()))
    archived = hub.member(cohort, S.SELECTED)
    archived.person.archived_at = clock.now()
    hub.make.add(JobPromise(membership=archived, commitment=row, promised_on=clock.today()))
    session.flush()
    assert commitments.list_affected(session, [row]) == {row.id: []}


def test_a_reduced_promise_counts_again_once_confirmed(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    hub.commitment(cohort, jobs=9)
    row = hub.commitment(cohort, jobs=4)
    commitments.lose_jobs(session, hub.actor, row, jobs=3, reason=CommitmentReason.ACTIVITY)
    session.refresh(cohort, ["commitments"])
    assert (row.state, rules.standing_jobs(cohort.commitments)) == (E.REDUCED, 9)
    sign_in(client, session, hub.coordinator)
    board = f"/hubs/{cohort.public_id}"
    said = "Ce qui reste n’est pas compté tant que l’employeur ne l’a pas confirmé."
    assert said in client.get(board).text
    assert f"{board}/engagements/{row.public_id}" in client.get(board).text
    commitments.move_commitment(session, hub.actor, row, E.CONFIRMED)
    assert rules.missing_jobs(cohort) == 0
    session.commit()
    assert said not in client.get(board).text


@pytest.mark.parametrize("jobs", [-1, 4, 5])
def test_a_loss_leaves_fewer_jobs(session: Session, hub: Hub, jobs: int) -> None:
    row = hub.commitment(hub.cohort(), jobs=4)
    with pytest.raises(IllegalTransitionError):
        commitments.lose_jobs(session, hub.actor, row, jobs=jobs, reason=CommitmentReason.OTHER)
    assert (row.state, row.jobs) == (E.CONFIRMED, 4)


def test_a_loss_is_never_a_plain_change(session: Session, hub: Hub) -> None:
    row = hub.commitment(hub.cohort(), jobs=4)
    fewer = commitments.Terms(3, ContractKind.CDD, 6, None, None)
    with pytest.raises(IllegalTransitionError, match="réduction"):
        commitments.change_commitment(session, hub.actor, row, terms=fewer)
    for target in (E.REDUCED, E.WITHDRAWN):
        with pytest.raises(IllegalTransitionError):
            commitments.move_commitment(session, hub.actor, row, target)
    more = commitments.Terms(6, ContractKind.CDI, None, "M. Tuteur", "Deux équipes")
    commitments.change_commitment(session, hub.actor, row, terms=more)
    assert (row.jobs, row.jobs_promised, row.tutor_name) == (6, 6, "M. Tuteur")


def test_a_promise_is_confirmed_then_kept_and_changes_no_more(session: Session, hub: Hub) -> None:
    row = hub.commitment(hub.cohort(), jobs=4, state=E.PROMISED)
    commitments.move_commitment(session, hub.actor, row, E.CONFIRMED)
    commitments.move_commitment(session, hub.actor, row, E.FULFILLED)
    with pytest.raises(IllegalTransitionError):
        commitments.change_commitment(session, hub.actor, row, terms=TERMS)
    with pytest.raises(IllegalTransitionError):
        commitments.lose_jobs(session, hub.actor, row, jobs=0, reason=CommitmentReason.OTHER)


def test_a_cohort_that_ended_takes_no_promise(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=CohortState.CLOSED)
    with pytest.raises(IllegalTransitionError, match="terminée"):
        commitments.record_commitment(
            session, hub.actor, cohort, employer=hub.make.establishment(), terms=TERMS
        )


def test_an_employer_typed_is_created_once_and_promises_once(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    session.commit()
    address = f"/hubs/{cohort.public_id}/engagements"
    assert coordinator.post(address, data=FIELDS).status_code == 303
    row = session.scalars(select(EmployerCommitment)).one()
    assert (row.state, row.jobs, row.establishment.name) == (E.PROMISED, 4, FIELDS["employer"])
    page = coordinator.post(address, data=FIELDS, follow_redirects=True).get_data(as_text=True)
    assert "a déjà un engagement ici" in page
    assert len(session.scalars(select(Establishment)).all()) == 1


def test_an_employer_that_looks_like_another_is_asked(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    known = hub.make.establishment(name="Terrassement Nord")
    session.commit()
    address = f"/hubs/{cohort.public_id}/engagements"
    answer = coordinator.post(address, data=FIELDS)
    assert answer.status_code == 422
    assert known.public_id in answer.get_data(as_text=True)
    data = FIELDS | {"establishment": known.public_id}
    assert coordinator.post(address, data=data).status_code == 303
    assert session.scalars(select(EmployerCommitment)).one().establishment_id == known.id


@pytest.mark.parametrize(
    "bad",
    [{"jobs": "0"}, {"jobs": "beaucoup"}, {"employer": ""}, {"employer": "X 123 456 789 00012"}],
)
def test_a_bad_promise_is_said_and_nothing_is_noted(
    coordinator: CheckingClient, session: Session, hub: Hub, bad: dict[str, str]
) -> None:
    cohort = hub.cohort()
    session.commit()
    answer = coordinator.post(f"/hubs/{cohort.public_id}/engagements", data=FIELDS | bad)
    assert answer.status_code == 422
    assert session.scalars(select(EmployerCommitment)).first() is None


def test_immersion_places_are_set_by_wave_and_taken_away(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    row = hub.commitment(hub.cohort(), jobs=4)
    session.commit()
    page = f"/hubs/{row.cohort.public_id}/engagements/{row.public_id}"
    wave = {"wave": "1", "start": "2027-01-18", "end": "2027-01-29", "capacity": "3"}
    assert coordinator.post(f"{page}/immersions", data=wave).status_code == 303
    coordinator.post(f"{page}/immersions", data=wave | {"wave": "2", "capacity": "2"})
    coordinator.post(f"{page}/immersions", data=wave | {"capacity": "4"})
    session.refresh(row, ["places"])
    assert [(p.wave, p.capacity, p.start) for p in row.places] == [
        (1, 4, date(2027, 1, 18)),
        (2, 2, date(2027, 1, 18)),
    ]
    coordinator.post(f"{page}/immersions", data=wave | {"capacity": "0"})
    session.refresh(row, ["places"])
    assert [place.wave for place in row.places] == [2]
    bad = wave | {"end": "2027-01-01"}
    assert coordinator.post(f"{page}/immersions", data=bad).status_code == 422


def test_the_page_of_a_promise_confirms_it(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    row = hub.commitment(hub.cohort(), jobs=4, state=E.PROMISED)
    session.commit()
    page = f"/hubs/{row.cohort.public_id}/engagements/{row.public_id}"
    assert "L’employeur confirme" in coordinator.get(page).get_data(as_text=True)
    coordinator.post(f"{page}/etat", data={"vers": "confirmed"})
    session.refresh(row)
    assert row.state is E.CONFIRMED
    assert coordinator.post(f"{page}/etat", data={"vers": "rien"}).status_code == 400
    terms = {"jobs": "5", "contract": "cdi", "tutor_name": "M. Tuteur"}
    assert coordinator.post(page, data=terms).status_code == 303
    session.refresh(row)
    assert (row.jobs, row.tutor_name) == (5, "M. Tuteur")
    assert coordinator.post(page, data=terms | {"jobs": ""}).status_code == 422
    assert coordinator.post(f"{page}/perte", data={"perte-jobs": "2"}).status_code == 422


def test_a_promise_is_reached_through_its_own_cohort_only(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort, other = hub.cohort(), hub.cohort()
    row = hub.commitment(other, jobs=4)
    session.commit()
    page = f"/hubs/{cohort.public_id}/engagements/{row.public_id}"
    assert coordinator.get(page).status_code == 404
    assert coordinator.post(f"{page}/etat", data={"vers": "fulfilled"}).status_code == 404
