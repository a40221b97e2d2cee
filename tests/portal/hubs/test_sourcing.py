"""The sourcing plan: rates, number to invite, targets and funnel (T-HUB-02)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from flask import Flask
from sqlalchemy.orm import Session

from portal.hubs import sourcing
from portal.matchmaking import cohorts as engine
from portal.models import CohortState, MembershipState, Role, SourcingTarget
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.factories import Factory

S = MembershipState


def test_t_hub_02_twelve_seats_at_the_default_rates_need_thirty_eight_invitations(
    session: Session, hub: Hub
) -> None:
    plan = sourcing.get_plan(session, hub.cohort(seats=12))
    assert [rate.rate for rate in plan.rates] == [
        Fraction("0.75"),
        Fraction("0.60"),
        Fraction("0.80"),
        Fraction("0.90"),
    ]
    assert plan.rate == Fraction("0.324")
    assert plan.invite == 38
    assert {rate.source for rate in plan.rates} == {engine.RateSource.PARAMETER}
    assert plan.admitted.low < 12 < (plan.admitted.high or 0)


def test_default_rates_are_dated_and_sourced() -> None:
    found = sourcing.parameters(date(2026, 11, 20))
    assert [row.step for row in found] == [step.value for step in sourcing.STEPS]
    assert all(row.source for row in found)


def test_the_history_of_the_hub_replaces_a_parameter_from_twenty_people_on(
    session: Session, hub: Hub
) -> None:
    past = hub.cohort(state=CohortState.CLOSED)
    for _number in range(19):
        hub.member(past, S.PRESENT)
    assert sourcing.get_rates(session, past.hub_id)[0].source is engine.RateSource.PARAMETER
    hub.member(past, S.ABSENT)
    rate = sourcing.get_rates(session, past.hub_id)[0]
    assert (rate.source, rate.rate) == (engine.RateSource.HISTORY, Fraction(19, 20))
    low, high = rate.interval()
    assert low < 19 / 20 < high


def test_a_cohort_still_recruiting_or_of_another_hub_tells_nothing(
    session: Session, hub: Hub, make: Factory
) -> None:
    other = Hub.build(make)
    for cohort in (hub.cohort(), other.cohort(state=CohortState.CLOSED)):
        hub.member(cohort, S.ADMITTED)
    rates = sourcing.get_rates(session, hub.actor.organisation.id)
    assert {rate.tally.seen for rate in rates} == {0}


def test_each_step_is_counted_over_those_who_came_to_it(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=CohortState.TRAINING)
    for state in (S.SOURCED, S.TOLD, S.PRESENT, S.SELECTED, S.PREPARING, S.ADMITTED):
        hub.member(cohort, state)
    hub.member(cohort, S.IMMERSION_DONE, immersion_liked=False)
    found = sourcing.tallies(sourcing.list_journeys(session, sourcing.list_people(session, cohort)))
    assert found == {
        "information": engine.Tally(5, 6),
        "selection": engine.Tally(4, 5),
        "immersion": engine.Tally(2, 4),
        "admission": engine.Tally(1, 2),
    }


def test_who_was_left_waiting_is_no_failure_of_selection(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=CohortState.TRAINING)
    hub.member(cohort, S.SELECTED)
    hub.member(cohort, S.WAITING, rank=1)
    journeys = sourcing.list_journeys(session, sourcing.list_people(session, cohort))
    assert sourcing.tallies(journeys)["selection"] == engine.Tally(1, 1)


def test_somebody_who_left_keeps_the_steps_made(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(state=CohortState.TRAINING)
    member = hub.member(cohort, S.PRESENT)
    member.state = S.SELECTED
    journey = sourcing.list_journeys(session, [member])[0]
    assert (journey.invited, journey.steps_done) == (True, 2)


def test_the_pace_adds_what_each_step_lets_hope(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(seats=12)
    rows = [hub.member(cohort, S.ADMITTED) for _n in range(4)]
    rows += [hub.member(cohort, S.SELECTED) for _n in range(5)]
    found = sourcing.get_pace(session, cohort, rows)
    assert found.expected == 4 + 5 * Fraction("0.72")
    assert (found.whole, found.short) == (7, True)


def test_targets_are_shared_by_those_who_follow_more_people() -> None:
    assert sourcing.suggested_targets(38, {1: 30, 2: 8, 3: 0}) == {1: 30, 2: 8, 3: 0}
    assert sum(sourcing.suggested_targets(38, {1: 7, 2: 5, 3: 3}).values()) == 38
    assert sourcing.suggested_targets(38, {}) == {}


def test_the_funnel_has_a_row_for_each_prescriber_and_the_whole(
    session: Session, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    for state in (S.SOURCED, S.TOLD, S.INTERESTED, S.PRESENT, S.SELECTED):
        hub.member(cohort, state)
    silent = make.organisation(name="Aucune personne")
    make.add(SourcingTarget(cohort_id=cohort.id, prescriber_id=silent.id, target=4))
    journeys = sourcing.list_journeys(session, sourcing.list_people(session, cohort))
    rows, whole = sourcing.funnel_of(journeys, sourcing.list_targets(session, cohort))
    assert [(row.target, row.proposed) for row in rows] == [(4, 0), (None, 5)]
    assert (whole.target, whole.told, whole.answered, whole.yes) == (4, 4, 3, 3)
    assert (whole.present, whole.selected, whole.admitted) == (2, 1, 0)


def test_the_page_says_how_many_to_invite_and_takes_the_targets(
    app: Flask, session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    hub.person()
    sign_in(client, session, hub.coordinator)
    page = client.get(f"/hubs/{cohort.public_id}/invitations").text
    assert "38\u00a0personnes" in page
    prescriber = hub.prescriber.organisation
    field = f"objectif-{prescriber.public_id}"
    assert f'name="{field}"' in page
    answer = client.post(f"/hubs/{cohort.public_id}/invitations", data={field: "15"})
    assert answer.status_code == 303
    session.expire_all()
    assert [row.target for row in sourcing.list_targets(session, cohort)] == [15]
    client.post(f"/hubs/{cohort.public_id}/invitations", data={field: "0"})
    session.expire_all()
    assert sourcing.list_targets(session, cohort) == []


def test_a_target_that_is_no_number_is_refused_and_changes_nothing(
    session: Session, client: CheckingClient, hub: Hub
) -> None:
    cohort = hub.cohort()
    hub.person()
    sign_in(client, session, hub.coordinator)
    field = f"objectif-{hub.prescriber.organisation.public_id}"
    path = f"/hubs/{cohort.public_id}/invitations"
    for value in ("-3", "beaucoup", "100000", "1.5"):
        answer = client.post(path, data={field: value}, follow_redirects=True)
        assert "de 0 à 999" in answer.text
    session.expire_all()
    assert sourcing.list_targets(session, cohort) == []


def test_another_hub_finds_nothing_and_a_prescriber_changes_no_target(
    session: Session, client: CheckingClient, hub: Hub, make: Factory
) -> None:
    cohort = hub.cohort()
    path = f"/hubs/{cohort.public_id}/invitations"
    sign_in(client, session, make.account(Role.HUB))
    assert client.get(path).status_code == 404
    sign_in(client, session, hub.referent)
    assert client.get(path).status_code == 200
    assert client.post(path, data={}).status_code == 403
    sign_in(client, session, make.account(Role.PILOT_DEPARTEMENT))
    assert client.get(path).status_code == 404
