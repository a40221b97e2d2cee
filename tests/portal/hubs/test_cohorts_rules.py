"""The tables of domain reference §4.3: what is legal, and that everything else is refused."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy.orm import Session

from portal.access.transitions import IllegalTransitionError
from portal.hubs import rules
from portal.hubs.moves import Leaving, move_membership
from portal.hubs.responsible import stage_of, states_of
from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortState,
    CommitmentState,
    ExitReason,
    MembershipState,
)
from tests.support.cohort_people import Hub

LEAVES = "withdrawn redirected unreachable"
#: Written by hand from the reference, beside the code that is tested.
MEMBERSHIP = {
    "sourced": f"told {LEAVES}",
    "told": f"interested {LEAVES}",
    "interested": f"enrolled_info {LEAVES}",
    "enrolled_info": f"present absent {LEAVES}",
    "absent": f"enrolled_info present {LEAVES}",
    "present": f"selected waiting not_selected absent {LEAVES}",
    "selected": f"immersion_planned preparing waiting not_selected {LEAVES}",
    "waiting": f"selected ready not_selected {LEAVES}",
    "immersion_planned": f"immersion_done selected dropped {LEAVES}",
    "immersion_done": f"preparing ready {LEAVES}",
    "preparing": f"ready dropped {LEAVES}",
    "ready": f"admitted waiting preparing {LEAVES}",
    "admitted": f"in_training ready {LEAVES}",
    "in_training": "certified hired dropped",
    "certified": f"hired dropped {LEAVES}",
    "hired": "followed_m3 dropped",
    "followed_m3": "followed_m6 dropped",
    "unreachable": "told",
}
COHORT = {
    "draft": "open cancelled",
    "open": "information cancelled",
    "information": "selection cancelled",
    "selection": "immersion cancelled",
    "immersion": "preparation cancelled",
    "preparation": "training cancelled",
    "training": "hiring cancelled",
    "hiring": "follow_up",
    "follow_up": "closed",
}
COMMITMENT = {
    "promised": "confirmed reduced withdrawn",
    "confirmed": "fulfilled reduced withdrawn",
    "reduced": "confirmed reduced withdrawn",
}


def pairs(table: dict[str, str]) -> set[tuple[str, str]]:
    return {(source, target) for source, targets in table.items() for target in targets.split()}


@pytest.mark.parametrize(
    ("machine", "kind", "table"),
    [
        (rules.MEMBERSHIP, MembershipState, MEMBERSHIP),
        (rules.COHORT, CohortState, COHORT),
        (rules.COMMITMENT, CommitmentState, COMMITMENT),
    ],
    ids=["people", "cohorts", "employers"],
)
def test_only_the_moves_of_the_table_are_legal(machine, kind, table) -> None:  # type: ignore[no-untyped-def]
    legal = {(a.value, b.value) for a, b in product(kind, kind) if machine.allows(a, b)}
    assert legal == pairs(table)


def test_every_illegal_move_of_a_person_is_refused_and_changes_nothing(
    session: Session, hub: Hub
) -> None:
    cohort = hub.cohort(state=CohortState.TRAINING, seats=40)
    leaving = Leaving(ExitReason.OTHER, "Point avec le référent", hub.actor.organisation)
    legal = pairs(MEMBERSHIP)
    for source in MembershipState:
        if source in COHORT_EXIT_STATES:
            continue
        rank = 1 if source is MembershipState.WAITING else None
        row = hub.member(cohort, source, rank=rank)
        for target in MembershipState:
            if (source.value, target.value) in legal:
                continue
            with pytest.raises(IllegalTransitionError):
                move_membership(session, hub.actor, row, target, leaving=leaving)
            assert (row.state, row.rank) == (source, rank)


def test_each_state_belongs_to_one_part_of_the_way() -> None:
    assert sorted(s for stage in map(stage_of, MembershipState) for s in [stage]) == sorted(
        stage_of(state) for state in MembershipState
    )
    assert all(state in states_of(stage_of(state)) for state in MembershipState)


def test_nobody_enters_before_the_training_and_only_exits_are_noted_after_the_end() -> None:
    before, after = Cohort(state=CohortState.PREPARATION), Cohort(state=CohortState.CANCELLED)
    with pytest.raises(IllegalTransitionError, match="pas encore commencé"):
        rules.check_membership(before, MembershipState.ADMITTED, MembershipState.IN_TRAINING)
    assert set(rules.legal_targets(after, MembershipState.SELECTED)) <= COHORT_EXIT_STATES
    assert rules.legal_targets(after, MembershipState.SELECTED)
