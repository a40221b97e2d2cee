"""The moves of a positioning, and what statuses open."""

from __future__ import annotations

from datetime import date

import pytest

from portal.enrolments import eligibility, rules
from portal.enrolments.eligibility import Effect, evaluate, load_rules
from portal.models import RESTRICTED_STATUSES, EnrollmentState, Scheme, StatusCode

_S = EnrollmentState
DAY = date(2026, 11, 2)


def test_every_state_has_its_moves_and_can_be_reached() -> None:
    moves = rules.ENROLMENT_MACHINE.moves
    assert set(moves) == set(EnrollmentState) == set(rules.BOARD_ORDER)
    reached = {target for targets in moves.values() for target in targets}
    assert reached == set(EnrollmentState) - {_S.SUGGESTED}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (_S.PROPOSED, _S.POSITIONED),  # nothing before the person agrees
        (_S.POSITIONED, _S.ADMITTED),
        (_S.WAITING, _S.ADMITTED),  # through a seat kept for her
        (_S.ADMITTED, _S.COMPLETED),
        (_S.ENTERED, _S.CANCELLED),
        (_S.COMPLETED, _S.DROPPED),
    ],
)
def test_no_gate_is_jumped(source: EnrollmentState, target: EnrollmentState) -> None:
    assert not rules.ENROLMENT_MACHINE.allows(source, target)


def test_a_cddi_employee_is_to_check_with_the_clauses_and_never_refused() -> None:  # T-ENR-03
    found = evaluate(Scheme.PRF, {"CDDI"}, DAY)
    assert found.effect is Effect.TO_CHECK
    assert "cahiers des clauses" in found.rules[0].message
    assert "CCTP" in found.rules[0].message
    assert found.verified


@pytest.mark.parametrize("status", ["BRSA", "DE_1"])
def test_the_regional_programme_is_open_and_the_rule_is_said_not_verified(status: str) -> None:
    found = evaluate(Scheme.PRF, {status}, DAY)
    assert found.effect is Effect.YES
    assert not found.verified


def test_rules_that_disagree_are_for_a_human() -> None:
    assert evaluate(Scheme.PRF, {"BRSA", "SAL_TP"}, DAY).effect is Effect.TO_CHECK
    assert evaluate(Scheme.PRF, {"SAL_TP"}, DAY).effect is Effect.NO


def test_the_afpr_is_closed_since_2024_and_the_poei_is_said() -> None:  # T-ENR-05
    found = evaluate(Scheme.AFPR, {"BRSA"}, DAY)
    assert found.effect is Effect.NO
    assert "POEI" in found.rules[0].message
    assert eligibility.closing_rule(Scheme.AFPR, date(2024, 6, 19)) is None


def test_what_nobody_said_is_to_check() -> None:
    assert evaluate(None, {"BRSA"}, DAY).effect is Effect.TO_CHECK
    assert evaluate(Scheme.PRF, set(), DAY).note
    assert evaluate(Scheme.OTHER, {"BRSA"}, DAY).effect is Effect.TO_CHECK


def test_rules_are_dated_sourced_and_blind_to_restricted_statuses() -> None:
    loaded = load_rules()
    assert len({rule.id for rule in loaded}) == len(loaded)
    assert all(rule.source for rule in loaded)
    named = set().union(*(rule.statuses for rule in loaded)) - {"*"}
    assert named <= {code.value for code in StatusCode}
    assert not named & {code.value for code in RESTRICTED_STATUSES}


def test_absences_call_for_somebody_from_two_new_ones() -> None:
    assert rules.absences_to_explain(1, 0) == 0
    assert rules.absences_to_explain(2, 0) == 2
    assert rules.absences_to_explain(3, 2) == 0
    assert rules.absences_to_explain(4, 2) == 2
