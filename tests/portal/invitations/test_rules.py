"""The table of moves, what is reminded, and what the person is asked afterwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.invitations import rules
from portal.models import FIRST_DAYS, Invitation, InvitationKind, InvitationState
from tests.support.inviting import at

S, K = InvitationState, InvitationKind

LEGAL = {
    S.SENT: "accepted declined call_asked cancelled attended missed",
    S.ACCEPTED: "declined call_asked cancelled attended missed",
    S.CALL_ASKED: "accepted declined cancelled attended missed",
    S.DECLINED: "accepted call_asked cancelled attended",
    S.ATTENDED: "missed",
    S.MISSED: "attended",
    S.CANCELLED: "",
}


@pytest.mark.parametrize("source", list(S))
@pytest.mark.parametrize("target", list(S))
def test_only_the_moves_of_the_table_are_legal(
    source: InvitationState, target: InvitationState
) -> None:
    expected = target.value in LEGAL[source].split()
    assert rules.INVITATION_MACHINE.allows(source, target) is expected


def row(
    state: InvitationState = S.SENT, kind: InvitationKind = K.VISIT, days: int = 3, hour: int = 14
) -> Invitation:
    """An invitation that no database knows."""
    return Invitation(kind=kind, state=state, title="une visite", starts_at=at(days, hour))


@pytest.mark.parametrize("state", [S.SENT, S.ACCEPTED, S.CALL_ASKED, S.DECLINED])
def test_an_answer_is_taken_until_the_hour(state: InvitationState) -> None:
    rules.check_answerable(row(state), clock.now())


@pytest.mark.parametrize(
    ("state", "days", "said"),
    [
        (S.CANCELLED, 3, "annulé"),
        (S.SENT, -1, "passé"),
        (S.ACCEPTED, -1, "passé"),
        (S.ATTENDED, -1, "passé"),
        (S.MISSED, -1, "passé"),
    ],
)
def test_too_late_is_said_in_words_and_offers_a_call(
    app: Flask, state: InvitationState, days: int, said: str
) -> None:
    with app.test_request_context(), pytest.raises(IllegalTransitionError) as refused:
        rules.check_answerable(row(state, days=days), clock.now())
    assert said in refused.value.message
    assert "Appelez votre conseiller" in refused.value.message


@pytest.mark.parametrize("kind", list(K))
def test_a_yes_is_reminded_and_an_unanswered_first_day_too(kind: InvitationKind) -> None:
    assert rules.is_reminded(row(S.ACCEPTED, kind))
    assert rules.is_reminded(row(S.SENT, kind)) is (kind in FIRST_DAYS)
    for state in (S.DECLINED, S.CANCELLED, S.ATTENDED, S.MISSED):
        assert not rules.is_reminded(row(state, kind))


def test_a_day_whose_hour_is_not_known_is_over_at_eight() -> None:
    unknown = row(hour=0)
    assert not rules.has_hour(unknown.starts_at)
    assert rules.ends_of_use(unknown) == at(3, 8)
    assert rules.ends_of_use(row(hour=9)) == at(3, 9)


def test_how_it_went_is_asked_after_first_days_only_for_a_week() -> None:
    first_day = row(S.ACCEPTED, K.JOB, days=0, hour=8)
    start = first_day.starts_at
    assert not rules.asks_feeling(first_day, start - timedelta(minutes=1))
    assert rules.asks_feeling(first_day, start + timedelta(hours=1))
    assert not rules.asks_feeling(first_day, start + timedelta(days=7))
    assert not rules.asks_feeling(row(S.ACCEPTED, K.VISIT, days=-1), clock.now())
    assert not rules.asks_feeling(row(S.DECLINED, K.JOB, days=-1), clock.now())


@pytest.mark.parametrize(
    ("kind", "before", "called"),
    [
        (K.VISIT, S.SENT, False),
        (K.INFORMATION, S.SENT, False),
        (K.VISIT, S.ACCEPTED, True),
        (K.EMPLOYER_MEETING, S.SENT, True),
        (K.IMMERSION, S.SENT, True),
    ],
)
def test_a_no_is_called_about_when_somebody_waits(
    kind: InvitationKind, before: InvitationState, called: bool
) -> None:
    assert rules.needs_call_when_declined(row(before, kind), before) is called
