"""The life of an immersion: every move of the table, and none beside; what moves with the dates."""

from __future__ import annotations

from datetime import timedelta
from itertools import product

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.access.transitions import IllegalTransitionError
from portal.immersions import assessing, recording
from portal.immersions.assessing import Assessment
from portal.immersions.states import (
    IMMERSION_MACHINE,
    VOID_STATES,
    CancelReason,
    RefusalReason,
    reason_label,
)
from portal.jobs.upkeep import TASKS
from portal.models import (
    CohortMembership,
    CohortState,
    DomainEvent,
    Habilitation,
    HabilitationKind,
    Immersion,
    ImmersionState,
    ObjectivesOutcome,
    SignatoryRole,
    SignatureMethod,
    SkillAssertion,
)
from portal.models.hubs import Cohort
from tests.portal.immersions.conftest import Place, actor_of

S = ImmersionState

LEGAL = {
    (S.DRAFT, S.CHECKED),
    (S.DRAFT, S.CANCELLED),
    (S.CHECKED, S.DRAFT),
    (S.CHECKED, S.TO_SIGN),
    (S.CHECKED, S.CANCELLED),
    (S.TO_SIGN, S.PARTLY_SIGNED),
    (S.TO_SIGN, S.CANCELLED),
    (S.PARTLY_SIGNED, S.IN_VALIDATION),
    (S.PARTLY_SIGNED, S.CANCELLED),
    (S.IN_VALIDATION, S.VALIDATED),
    (S.IN_VALIDATION, S.REFUSED),
    (S.IN_VALIDATION, S.CANCELLED),
    (S.VALIDATED, S.IN_PROGRESS),
    (S.VALIDATED, S.CANCELLED),
    (S.IN_PROGRESS, S.ASSESSMENT_DUE),
    (S.ASSESSMENT_DUE, S.CLOSED),
}


def test_every_move(place: Place) -> None:
    row, actor = place.prepared(), actor_of(place.referent)
    row.end_reason = "other"
    for source, target in product(S, S):
        row.state = source
        if (source, target) in LEGAL:
            IMMERSION_MACHINE.move(place.session, row, target, actor=actor, name="moved")
            assert row.state is target
        else:
            with pytest.raises(IllegalTransitionError):
                IMMERSION_MACHINE.move(place.session, row, target, actor=actor, name="moved")
            assert row.state is source
    events = place.session.scalars(select(DomainEvent).where(DomainEvent.name == "moved")).all()
    assert {(event.from_state, event.to_state) for event in events} == {
        (source.value, target.value) for source, target in LEGAL
    }


def test_every_reason_has_its_words() -> None:
    for reason in RefusalReason:
        assert reason_label(S.REFUSED, reason.value) == reason.label
    for cancel in CancelReason:
        assert reason_label(S.CANCELLED, cancel.value) == cancel.label
    assert reason_label(S.CLOSED, None) == ""


def test_a_platform_cannot_be_the_prescriber_without_delegation(place: Place) -> None:
    """T-PMS-05: kept as a draft, refused at the signature, routed to the Département."""
    platform = place.adviser.memberships[0].organisation
    row = place.prepared(prescriber=platform)
    assert row.state is S.DRAFT
    row.state = S.CHECKED
    with pytest.raises(IllegalTransitionError, match="Département du Pas-de-Calais"):
        recording.send_to_sign(place.session, actor_of(place.referent), immersion=row)
    place.make.add(
        Habilitation(
            organisation_id=platform.id,
            kind=HabilitationKind.PMSMP_DELEGATION,
            valid_from=clock.today() - timedelta(days=1),
            granted_by_id=place.departement.id,
        )
    )
    recording.send_to_sign(place.session, actor_of(place.referent), immersion=row)
    assert row.state is S.TO_SIGN


def test_the_sheet_is_judged_again_before_it_is_signed_and_validated(place: Place) -> None:
    row = place.signed(place.prepared())
    place.person.birth_date = clock.today() - timedelta(days=15 * 365)
    place.session.flush()
    with pytest.raises(IllegalTransitionError, match="16 ans"):
        recording.validate(place.session, actor_of(place.referent), immersion=row)
    assert row.state is S.IN_VALIDATION


def test_nothing_is_signed_once_the_period_has_begun(place: Place) -> None:
    row = place.prepared()
    with (
        clock.frozen_at(clock.start_of(row.start + timedelta(days=1))),
        pytest.raises(IllegalTransitionError, match="déjà commencé"),
    ):
        recording.send_to_sign(place.session, actor_of(place.referent), immersion=row)


def test_a_minor_and_an_employee_have_more_signatures(place: Place) -> None:
    place.person.birth_date = clock.today() - timedelta(days=17 * 365)
    row = place.prepared(
        legal_representative="Sa mère", employed=True, current_employer_agreed=True
    )
    assert row.state is S.CHECKED
    assert recording.needed_roles(row) == [
        SignatoryRole.PERSON,
        SignatoryRole.LEGAL_REPRESENTATIVE,
        SignatoryRole.HOST,
        SignatoryRole.SUPPORT,
        SignatoryRole.EMPLOYER,
    ]


def test_a_signature_is_given_once_and_not_tomorrow(place: Place) -> None:
    row, actor = place.prepared(), actor_of(place.referent)
    recording.send_to_sign(place.session, actor, immersion=row)

    def sign(role: SignatoryRole, days: int = 0) -> None:
        recording.record_signature(
            place.session,
            actor,
            immersion=row,
            role=role,
            name="Amina",
            method=SignatureMethod.PAPER,
            signed_on=clock.today() + timedelta(days=days),
        )

    with pytest.raises(IllegalTransitionError, match="à venir"):
        sign(SignatoryRole.PERSON, 1)
    sign(SignatoryRole.PERSON)
    for role in (SignatoryRole.PERSON, SignatoryRole.EMPLOYER, SignatoryRole.PRESCRIBER):
        with pytest.raises(IllegalTransitionError, match="pas attendue"):
            sign(role)
    assert row.state is S.PARTLY_SIGNED


def test_another_structure_neither_validates_nor_refuses(place: Place) -> None:
    row, other = place.signed(place.prepared()), actor_of(place.adviser)
    with pytest.raises(IllegalTransitionError, match="prescripteur"):
        recording.validate(place.session, other, immersion=row)
    with pytest.raises(IllegalTransitionError, match="prescripteur"):
        recording.refuse(place.session, other, immersion=row, reason=RefusalReason.OTHER)


def test_what_is_signed_does_not_change(place: Place) -> None:
    row = place.signed(place.prepared())
    with pytest.raises(IllegalTransitionError, match="ne change plus"):
        recording.change_immersion(
            place.session, actor_of(place.referent), immersion=row, draft=place.draft()
        )


def test_an_immersion_cancelled_counts_no_more(place: Place) -> None:
    first = place.prepared()
    start = first.end + timedelta(days=10)
    place.prepared(start=start)
    third = start + timedelta(days=20)
    with pytest.raises(recording.NotLegalError) as refused:
        place.prepared(start=third)
    assert [breach.rule for breach in refused.value.breaches] == ["P4"]
    recording.cancel(
        place.session, actor_of(place.referent), immersion=first, reason=CancelReason.FIRM
    )
    assert first.state in VOID_STATES
    assert place.prepared(start=third).state is S.CHECKED


def test_an_immersion_begun_is_assessed_and_keeps_its_days_in_the_limits(place: Place) -> None:
    row, actor = place.validated(), actor_of(place.referent)
    with clock.frozen_at(clock.start_of(row.start)):
        with pytest.raises(IllegalTransitionError, match="dernier jour venu"):
            recording.cancel(place.session, actor, immersion=row, reason=CancelReason.PERSON)
        said = Assessment(
            True, ObjectivesOutcome.NOT_REACHED, "Bruno", last_day=row.start, liked=False
        )
        assessing.record_assessment(place.session, actor, immersion=row, said=said)
        place.prepared(start=row.end + timedelta(days=10))
        with pytest.raises(recording.NotLegalError):
            place.prepared(start=row.end + timedelta(days=40))


def test_days_move_what_begins_and_what_is_over(place: Place) -> None:
    row = place.validated()
    draft = place.prepared(start=row.end + timedelta(days=30))
    assert assessing.follow_dates(place.session, row.start - timedelta(days=1)) == 0
    assert assessing.follow_dates(place.session, row.start) == 1
    assert row.state is S.IN_PROGRESS
    assert assessing.follow_dates(place.session, row.end) == 0
    assert assessing.follow_dates(place.session, row.end + timedelta(days=1)) == 1
    assert row.state is S.ASSESSMENT_DUE
    assert draft.state is S.CHECKED
    assert "portal.immersions.assessing:follow_dates" in TASKS


def test_a_server_that_slept_catches_up(place: Place) -> None:
    row = place.validated()
    assert assessing.follow_dates(place.session, row.end + timedelta(days=9)) == 1
    assert row.state is S.ASSESSMENT_DUE


def test_somebody_who_did_not_come_is_said_nothing_of(place: Place) -> None:
    row = place.validated()
    said = Assessment(
        came=False,
        objectives=ObjectivesOutcome.REACHED,
        by_name="Bruno",
        gestures={"tp.niveler": 0},
    )
    with pytest.raises(IllegalTransitionError):
        assessing.record_assessment(
            place.session, actor_of(place.referent), immersion=row, said=said
        )
    with clock.frozen_at(clock.start_of(row.start + timedelta(days=2))):
        assessing.record_assessment(
            place.session, actor_of(place.referent), immersion=row, said=said
        )
    assert row.state is S.CLOSED
    assert row.assessment is not None
    assert row.assessment.objectives is ObjectivesOutcome.NOT_REACHED
    assert row.assessment.gestures == []
    assert place.session.scalars(select(SkillAssertion)).first() is None


def test_a_cohort_is_told_what_the_person_says(place: Place) -> None:
    hub = place.make.organisation()
    cohort = place.make.add(
        Cohort(
            hub=hub,
            title="Canal",
            occupation_code=place.occupation.code,
            state=CohortState.IMMERSION,
            seats=8,
            threshold=6,
        )
    )
    member = place.make.add(
        CohortMembership(
            cohort_id=cohort.id,
            person_id=place.person.id,
            prescriber_id=place.departement.id,
            state_since=clock.now(),
        )
    )
    row = place.validated(cohort_id=cohort.id)
    with clock.frozen_at(clock.start_of(row.end)):
        said = Assessment(True, ObjectivesOutcome.REACHED, "Bruno", liked=True)
        assessing.record_assessment(
            place.session, actor_of(place.referent), immersion=row, said=said
        )
    assert member.immersion_liked is True


def test_rules_speak_in_a_request_too(app: Flask, place: Place) -> None:
    with app.test_request_context():
        with pytest.raises(recording.NotLegalError) as refused:
            place.prepared(weekly_hours=60.0)
        text = recording.said(refused.value.breaches[0])
    assert "48" in text
    assert place.session.scalars(select(Immersion)).first() is None
