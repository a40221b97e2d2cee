"""The board: people moved one or many at a time, exits with a next step, figures that add up."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.hubs import board, planning, seats
from portal.hubs.moves import Leaving, NoSeatError, move_membership
from portal.hubs.responsible import responsible_for, way_of
from portal.models import (
    COHORT_EXIT_STATES,
    AccessLog,
    Cohort,
    CohortMembership,
    CohortState,
    DomainEvent,
    ExitReason,
    MembershipState,
    OrganisationKind,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub
from tests.support.queries import count_queries

S = MembershipState


@pytest.fixture
def coordinator(client: CheckingClient, session: Session, hub: Hub) -> CheckingClient:
    return sign_in(client, session, hub.coordinator)


def address(cohort: Cohort, page: str = "") -> str:
    return f"/hubs/{cohort.public_id}{page}"


def states(session: Session) -> list[MembershipState]:
    session.expire_all()
    rows = session.scalars(select(CohortMembership).order_by(CohortMembership.id))
    return [row.state for row in rows]


# Moves -----------------------------------------------------------------------------------------


def test_several_people_move_together_and_the_illegal_ones_stay(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    rows = [hub.member(cohort, state) for state in (S.SOURCED, S.SOURCED, S.READY)]
    session.commit()
    data = {"m": [row.public_id for row in rows], "vers": "told"}
    answer = coordinator.post(address(cohort, "/deplacer"), data=data, follow_redirects=True)
    page = answer.get_data(as_text=True)
    assert states(session) == [S.TOLD, S.TOLD, S.READY]
    assert "2 personnes passent à" in page
    assert "1 personne n’a pas bougé" in page
    events = session.scalars(
        select(DomainEvent).filter_by(to_state="told", account_id=hub.coordinator.id)
    )
    assert len(events.all()) == 2


def test_the_button_of_a_card_moves_that_person_alone(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    one, other = hub.member(cohort, S.TOLD), hub.member(cohort, S.TOLD)
    session.commit()
    page = coordinator.get(address(cohort)).get_data(as_text=True)
    assert f'value="{one.public_id}:interested"' in page
    assert f'value="{one.public_id}:present"' not in page
    data = {"un": f"{one.public_id}:interested", "m": [other.public_id], "vers": "interested"}
    assert coordinator.post(address(cohort, "/deplacer"), data=data).status_code == 303
    assert states(session) == [S.INTERESTED, S.TOLD]


def test_with_scripts_the_answer_is_the_board_as_the_page_reloads_it(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    row = hub.member(cohort, S.SOURCED)
    session.commit()
    answer = coordinator.post(
        address(cohort, "/deplacer"), data={"m": row.public_id, "vers": "told"}, hx=True
    )
    fragment = answer.get_data(as_text=True)
    assert answer.status_code == 200
    assert "1%20personne" in answer.headers["X-Announce"]
    assert "data-focus" in fragment
    # The token is signed anew for each answer: another second makes another one.
    token = re.compile(r'(name="csrf_token" value=")[^"]*')
    unfocused = token.sub(r"\1", fragment.replace(" data-focus", "").strip())
    assert unfocused in token.sub(r"\1", coordinator.get(address(cohort)).get_data(as_text=True))


def test_the_targets_are_those_all_the_ticked_people_share(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    selected, waiting = hub.member(cohort, S.SELECTED), hub.member(cohort, S.WAITING, rank=1)
    session.commit()
    cibles = address(cohort, "/cibles")
    one = coordinator.get(f"{cibles}?m={selected.public_id}", hx=True).get_data(as_text=True)
    assert 'value="immersion_planned"' in one
    both = coordinator.get(
        f"{cibles}?m={selected.public_id}&m={waiting.public_id}", hx=True
    ).get_data(as_text=True)
    assert 'value="immersion_planned"' not in both
    assert 'value="exit"' in both
    none = coordinator.get(cibles, hx=True).get_data(as_text=True)
    assert "<select" not in none


@pytest.mark.parametrize("vers", ["", "rien", "exit'"])
def test_a_target_that_is_no_state_is_a_bad_request(
    coordinator: CheckingClient, session: Session, hub: Hub, vers: str
) -> None:
    row = hub.member(hub.cohort(), S.SOURCED)
    session.commit()
    data = {"m": row.public_id, "vers": vers}
    assert coordinator.post(address(row.cohort, "/deplacer"), data=data).status_code == 400
    assert states(session) == [S.SOURCED]


def test_people_of_another_cohort_are_no_one_here(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort, other = hub.cohort(), hub.cohort()
    row = hub.member(other, S.SOURCED)
    session.commit()
    data = {"m": row.public_id, "vers": "told"}
    page = coordinator.post(address(cohort, "/deplacer"), data=data, follow_redirects=True)
    assert "Cochez d’abord des personnes" in page.get_data(as_text=True)
    assert states(session) == [S.SOURCED]


# Seats and the waiting list --------------------------------------------------------------------


def test_the_last_seats_go_in_order_and_the_others_wait(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(seats=2)
    rows = [hub.member(cohort, S.READY, hub.person(first_name=f"A{n}")) for n in range(4)]
    session.commit()
    data = {"m": [row.public_id for row in rows], "vers": "admitted"}
    page = coordinator.post(
        address(cohort, "/deplacer"), data=data, follow_redirects=True
    ).get_data(as_text=True)
    assert states(session) == [S.ADMITTED, S.ADMITTED, S.WAITING, S.WAITING]
    assert [row.rank for row in rows] == [None, None, 1, 2]
    assert "2 personnes attendent" in page


def test_a_full_cohort_refuses_an_admission_and_ranks_close_up(session: Session, hub: Hub) -> None:
    cohort = hub.cohort(seats=1)
    hub.member(cohort, S.ADMITTED)
    ready = hub.member(cohort, S.READY)
    with pytest.raises(NoSeatError):
        move_membership(session, hub.actor, ready, S.ADMITTED)
    waiting = [hub.member(cohort, S.WAITING, rank=rank) for rank in (1, 2, 3)]
    move_membership(session, hub.actor, waiting[0], S.SELECTED)
    assert [row.rank for row in waiting] == [None, 1, 2]
    move_membership(session, hub.actor, ready, S.WAITING)
    assert ready.rank == 3
    seats.set_rank(session, ready, 1)
    assert [ready.rank, waiting[1].rank, waiting[2].rank] == [1, 2, 3]
    with pytest.raises(ValueError, match="rank 4"):
        seats.set_rank(session, ready, 4)


# Exits -----------------------------------------------------------------------------------------

EXIT = {
    "target": "not_selected",
    "reason": "exercise",
    "next_step": "Atelier gestes et postures",
    "owner": "prescriber",
}


def test_t_hub_04_who_is_not_selected_has_a_reason_a_next_step_and_its_owner(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    row = hub.member(cohort, S.PRESENT)
    session.commit()
    asked = coordinator.post(
        address(cohort, "/deplacer"), data={"m": row.public_id, "vers": "not_selected"}
    )
    assert asked.location.endswith(f"/sortie?m={row.public_id}")
    assert states(session) == [S.PRESENT], "nothing moves before the reason"
    page = address(cohort, "/sortie")
    assert coordinator.get(f"{page}?m={row.public_id}").status_code == 200
    for missing in ("reason", "next_step", "owner", "target"):
        data = EXIT | {"m": row.public_id, missing: ""}
        assert coordinator.post(page, data=data).status_code == 422
    assert states(session) == [S.PRESENT]
    assert coordinator.post(page, data=EXIT | {"m": row.public_id}).status_code == 303
    session.refresh(row)
    assert row.state is S.NOT_SELECTED
    assert (row.exit_reason, row.next_step) == (ExitReason.EXERCISE, EXIT["next_step"])
    assert row.next_step_owner_id == hub.prescriber.organisation.id
    sign_in(coordinator, session, hub.referent)
    assert "Atelier gestes et postures" in coordinator.get("/").get_data(as_text=True)


def test_with_scripts_an_exit_goes_to_its_form(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    row = hub.member(hub.cohort(), S.TOLD)
    session.commit()
    data = {"m": row.public_id, "vers": "exit"}
    answer = coordinator.post(address(row.cohort, "/deplacer"), data=data, hx=True)
    assert answer.headers["HX-Redirect"].endswith(f"/sortie?m={row.public_id}")


def test_a_hire_is_recorded_with_its_contract_one_person_at_a_time(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.HIRING)
    rows = [hub.member(cohort, S.CERTIFIED) for _ in range(2)]
    session.commit()
    move = address(cohort, "/deplacer")
    one = coordinator.post(move, data={"un": f"{rows[0].public_id}:hired"})
    assert one.headers["Location"].endswith(f"/embauches/nouvelle?membre={rows[0].public_id}")
    coordinator.post(move, data={"m": [row.public_id for row in rows], "vers": "hired"})
    page = coordinator.get(address(cohort)).get_data(as_text=True)
    assert "avec son contrat" in page
    assert '<option value="hired">' not in page
    session.expire_all()
    assert {row.state for row in rows} == {S.CERTIFIED}


def test_people_at_different_points_leave_one_by_one(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.TRAINING)
    rows = [hub.member(cohort, S.HIRED), hub.member(cohort, S.TOLD)]
    session.commit()
    query = "&".join(f"m={row.public_id}" for row in rows)
    page = coordinator.get(f"{address(cohort, '/sortie')}?{query}").get_data(as_text=True)
    assert "ne peuvent pas sortir ensemble" in page
    assert coordinator.get(address(cohort, "/sortie")).status_code == 404


@pytest.mark.parametrize("state", sorted(COHORT_EXIT_STATES))
def test_inv_09_the_engine_never_writes_an_exit(
    session: Session, hub: Hub, state: MembershipState
) -> None:
    row = hub.member(hub.cohort(), S.PRESENT if state is not S.DROPPED else S.PREPARING)
    leaving = Leaving(ExitReason.OTHER, "Point avec le référent", hub.actor.organisation)
    with pytest.raises(IllegalTransitionError, match="décidée par une personne"):
        move_membership(session, None, row, state, leaving=leaving)
    for empty in (None, Leaving(ExitReason.OTHER, "  ", hub.actor.organisation)):
        with pytest.raises(IllegalTransitionError):
            move_membership(session, hub.actor, row, state, leaving=empty)
    assert row.exit_reason is None


def test_somebody_who_calls_back_is_told_again(session: Session, hub: Hub) -> None:
    row = hub.member(hub.cohort(), S.TOLD)
    leaving = Leaving(ExitReason.UNREACHABLE, "Rappeler en mars", hub.actor.organisation)
    move_membership(session, hub.actor, row, S.UNREACHABLE, leaving=leaving)
    move_membership(session, hub.actor, row, S.TOLD)
    assert (row.exit_reason, row.next_step, row.next_step_owner_id) == (None, None, None)


# Figures ---------------------------------------------------------------------------------------


def test_the_figures_say_the_risk_and_the_sum_that_gives_it(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.INFORMATION)
    hub.commitment(cohort, jobs=12)
    for state, count in ((S.ADMITTED, 2), (S.READY, 3), (S.SELECTED, 5), (S.TOLD, 1)):
        for _ in range(count):
            hub.member(cohort, state)
    planning.record_plan(session, cohort, clock.today())
    session.commit()
    figures = board.get_figures(session, cohort, seats.count_states(session, cohort), clock.today())
    assert figures.pace is not None
    # 2 + 3 × 0.9 + 5 × 0.8 × 0.9 + 1 × 0.75 × 0.6 × 0.8 × 0.9 = 8.624
    assert float(figures.pace.expected) == pytest.approx(8.624)
    assert (figures.admitted, figures.ready, figures.jobs) == (2, 3, 12)
    page = coordinator.get(address(cohort)).get_data(as_text=True)
    assert "8 sur 12" in page
    assert "agissez avant le" in page
    assert "8,62" in page
    assert "%" not in page.split("<main")[1].split("</main>")[0].replace("%20", "")
    assert "8 sur 12" in coordinator.get("/").get_data(as_text=True)


def test_the_board_asks_as_much_for_forty_people_as_for_two(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    hub.commitment(cohort, jobs=12)

    def cost() -> int:
        with count_queries(coordinator.application.extensions["ecluse_database"].engine) as seen:
            assert coordinator.get(address(cohort)).status_code == 200
        return seen.count

    for _ in range(2):
        hub.member(cohort, S.TOLD)
    session.commit()
    coordinator.get(address(cohort))
    two = cost()
    for number in range(38):
        hub.member(cohort, (S.TOLD, S.PRESENT, S.READY, S.SELECTED)[number % 4])
    session.commit()
    assert cost() == two


def test_every_person_shown_is_in_the_access_log(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    row = hub.member(cohort, S.TOLD)
    session.commit()
    coordinator.get(address(cohort))
    entry = session.scalars(select(AccessLog).filter_by(person_id=row.person_id)).one()
    assert (entry.endpoint, entry.context) == ("hubs.show", f"cohorte {cohort.public_id}")


# One organisation responsible ------------------------------------------------------------------


def test_each_step_has_one_organisation_responsible(session: Session, hub: Hub) -> None:
    centre = hub.make.organisation(OrganisationKind.TRAINING, name="Centre des canaux")
    training = hub.make.session_of_training(organisation=centre)
    cohort = hub.cohort(training=training)
    expected = {
        S.TOLD: hub.prescriber.organisation.name,
        S.PRESENT: hub.actor.organisation.name,
        S.IMMERSION_PLANNED: hub.actor.organisation.name,
        S.PREPARING: hub.prescriber.organisation.name,
        S.ADMITTED: "Centre des canaux",
        S.IN_TRAINING: "Centre des canaux",
        S.HIRED: hub.actor.organisation.name,
    }
    for state, name in expected.items():
        assert responsible_for(hub.member(cohort, state), cohort) == name
    planning.record_plan(session, cohort, clock.today() - timedelta(days=1))
    steps = way_of(hub.member(cohort, S.PREPARING), cohort, None)
    assert [step.state for step in steps] == ["done"] * 4 + ["current"] + ["planned"] * 2
    assert all(step.organisation and step.start for step in steps)


def test_the_page_of_a_person_shows_the_way_and_what_happened(
    coordinator: CheckingClient, session: Session, hub: Hub
) -> None:
    cohort = hub.cohort()
    planning.record_plan(session, cohort, clock.today())
    row = hub.member(cohort, S.TOLD)
    session.commit()
    page = coordinator.get(address(cohort, f"/personnes/{row.public_id}")).get_data(as_text=True)
    assert hub.prescriber.organisation.name in page
    assert "repérée → prévenue" in page
    assert row.person.last_name not in page
    assert coordinator.get(address(cohort, "/personnes/inconnue")).status_code == 404
