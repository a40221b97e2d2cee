"""The people of the demonstration's cohorts: proposed, told, selected, trained, hired."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING

import sqlalchemy

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.enrolments import actions as enrolments
from portal.enrolments import attending, from_cohort
from portal.hires.follow_ups import record_follow_up
from portal.hires.recording import record_hire
from portal.hires.rules import Terms
from portal.hubs import candidates, frame, selection
from portal.hubs.moves import Leaving, move_membership
from portal.immersions.periods import months_after
from portal.matchmaking import cohorts as engine
from portal.models import (
    AgreementChannel,
    BookingState,
    Cohort,
    CohortMembership,
    CohortState,
    ContactChannel,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    ExitReason,
    FollowUpResult,
    Hire,
    JobOffer,
    MembershipState,
    Person,
)

if TYPE_CHECKING:
    from portal.demo.hubs import Hub

# Months ago many were not available yet: a longer path is near enough to be proposed.
_GROUPS = (*candidates.MATCHING_GROUPS, "longer_path")
PRESENT = BookingState.PRESENT
_S = MembershipState
_BLOCKS = ("Préparer et tenir le poste", "Réaliser les travaux", "Travailler en sécurité")
_EXERCISE = "Mise en situation d’une heure : consignes suivies, gestes soigneux."
_MOTIVATION = "Veut travailler dehors, en équipe, près de chez elle."
_NEWS = (FollowUpResult.GOOD, FollowUpResult.GOOD, FollowUpResult.MIXED, FollowUpResult.GOOD)


def propose(hub: Hub, cohort: Cohort, each: int, *, on: int) -> list[CohortMembership]:
    """Every prescriber proposes some of its people that come nearest, nobody in two cohorts."""
    found: list[CohortMembership] = []
    session = hub.scene.session
    with clock.frozen_at(hub.scene.instant(on, 14)):
        offer = engine.cohort_offer(session, cohort)
        if offer is None:
            return []
        for actor in hub.prescribers:
            chosen = [row.public_id for row in _nearest(hub, actor, cohort, offer)[:each]]
            found += candidates.propose(session, actor, cohort=cohort, people=chosen).members
    hub.taken |= {row.person_id for row in found}
    return found


def _nearest(hub: Hub, actor: Actor, cohort: Cohort, offer: JobOffer) -> list[Person]:
    view = candidates.list_candidates(
        hub.scene.session, actor, cohort=cohort, offer=offer, window=mm.Window(size=60)
    )
    lines = [line for key in _GROUPS for line in view.group(key).lines]
    return [line.person for line in lines if line.person.id not in hub.taken]


def tell(hub: Hub, rows: Sequence[CohortMembership], *, yes: int, on: int) -> None:
    """Their prescribers tell them; the first ones say yes, the last ones have not answered."""
    session = hub.scene.session
    by_place = {actor.organisation.id: actor for actor in hub.prescribers}
    with clock.frozen_at(hub.scene.instant(on, 10)):
        for number, row in enumerate(rows):
            actor = by_place[row.prescriber_id]
            if number < yes:
                candidates.record_yes(
                    session,
                    actor,
                    membership=row,
                    channel=AgreementChannel.PHONE,
                    on=clock.today(),
                )
            else:
                candidates.record_told(session, actor, membership=row)


def select(hub: Hub, cohort: Cohort, *, wanted: int, on: int) -> list[CohortMembership]:
    """Exercise and motivation noted for those who came; the first ones kept, two wait."""
    session, actor = hub.scene.session, hub.coordinator
    with clock.frozen_at(hub.scene.instant(on, 16)):
        frame.move_cohort(session, actor, cohort, CohortState.SELECTION)
        came = selection.list_to_select(session, cohort=cohort)
        hub.scene.random.shuffle(came)
        for row in came:
            selection.record_notes(
                session, actor, membership=row, exercise=_EXERCISE, motivation=_MOTIVATION
            )
        for number, row in enumerate(came):
            _decide(hub, row, number, wanted)
    return [row for row in came if row.state is _S.SELECTED]


def _decide(hub: Hub, row: CohortMembership, number: int, wanted: int) -> None:
    if number < wanted:
        decision, leaving = selection.Decision.SELECTED, None
    elif number < wanted + 2:
        decision, leaving = selection.Decision.WAITING, None
    else:
        decision = selection.Decision.REDIRECTED
        leaving = Leaving(
            ExitReason.EXERCISE, "Immersion dans un autre métier du chantier.", row.prescriber
        )
    selection.decide(
        hub.scene.session, hub.coordinator, membership=row, decision=decision, leaving=leaving
    )


def try_out(
    hub: Hub, rows: Sequence[CohortMembership], *, done: int, planned: int, on: int
) -> None:
    """Immersions planned, and the first of them made: nearly everybody liked it."""
    session, actor = hub.scene.session, hub.coordinator
    with clock.frozen_at(hub.scene.instant(on - 14)):
        for row in rows[: done + planned]:
            move_membership(session, actor, row, _S.IMMERSION_PLANNED)
    with clock.frozen_at(hub.scene.instant(on, 17)):
        for row in rows[:done]:
            move_membership(session, actor, row, _S.IMMERSION_DONE)
            row.immersion_liked = True
    session.flush()


# In training -----------------------------------------------------------------------------------


def train(hub: Hub, cohort: Cohort, rows: Sequence[CohortMembership]) -> None:
    """Entries, weeks of presence, one person who leaves, blocks and the end."""
    session = hub.scene.session
    admitted = [row for row in rows if row.state is _S.ADMITTED]
    seats = {row.id: _seat_of(hub, row) for row in admitted}
    assert cohort.session is not None
    start, end = cohort.session.start, cohort.session.end
    with clock.frozen_at(clock.start_of(start) + timedelta(hours=10)):
        frame.move_cohort(session, hub.coordinator, cohort, CohortState.TRAINING)
        for row in admitted:
            move_membership(session, hub.coordinator, row, _S.IN_TRAINING)
    _attend(hub, list(seats.values()), start, end)
    _leave(hub, admitted[-1], seats[admitted[-1].id], start + timedelta(days=25))
    _certify(hub, admitted[:-1], seats, end)
    with clock.frozen_at(clock.start_of(end) + timedelta(days=3, hours=9)):
        frame.move_cohort(session, hub.coordinator, cohort, CohortState.HIRING)


def _seat_of(hub: Hub, row: CohortMembership) -> Enrollment:
    """The positioning that the admission in the cohort gave."""
    found = from_cohort.get_enrolment(hub.scene.session, row)
    assert found is not None
    return found


def _attend(hub: Hub, rows: Sequence[Enrollment], start: date, end: date) -> None:
    """The first four weeks and the last one; two half-days that nobody has explained."""
    weeks = [start + timedelta(weeks=n) for n in range(4)] + [end - timedelta(days=end.weekday())]
    for number, day in enumerate(weeks):
        with clock.frozen_at(clock.start_of(day) + timedelta(days=4, hours=17)):
            for rank, row in enumerate(rows):
                missed = 2 if (number, rank) == (3, len(rows) - 1) else 0
                if row.state in (EnrollmentState.ENTERED, EnrollmentState.IN_PROGRESS):
                    week = attending.Week(day, 10, 10 - missed, missed)
                    attending.record_week(
                        hub.scene.session, hub.actor("training"), enrolment=row, week=week
                    )
        if number == 3:
            _explain(hub, rows[-1], day + timedelta(days=7))


def _explain(hub: Hub, row: Enrollment, day: date) -> None:
    """The prescriber has called: the absences are no longer an alert."""
    prescriber = next(a for a in hub.prescribers if a.organisation.id == row.prescriber_id)
    with clock.frozen_at(clock.start_of(day) + timedelta(hours=9)):
        attending.record_absences_seen(hub.scene.session, prescriber, enrolment=row)


def _leave(hub: Hub, row: CohortMembership, enrolment: Enrollment, day: date) -> None:
    breakdown = enrolments.Breakdown(
        EnrollmentState.DROPPED, EnrollmentReason.DISTANCE, last_present_on=day
    )
    with clock.frozen_at(clock.start_of(day) + timedelta(days=4, hours=9)):
        enrolments.record_breakdown(
            hub.scene.session, hub.actor("training"), enrolment=enrolment, breakdown=breakdown
        )
        leaving = Leaving(
            ExitReason.TRAVEL, "Chercher une session plus proche, avec le permis.", row.prescriber
        )
        move_membership(
            hub.scene.session, hub.coordinator, row, MembershipState.DROPPED, leaving=leaving
        )


def _certify(
    hub: Hub, rows: Sequence[CohortMembership], seats: dict[int, Enrollment], end: date
) -> None:
    session, organiser = hub.scene.session, hub.actor("training")
    with clock.frozen_at(clock.start_of(end) + timedelta(hours=17)):
        for rank, row in enumerate(rows):
            enrolment = seats[row.id]
            for number, block in enumerate(_BLOCKS):
                obtained = rank != 0 or number != 1
                attending.record_block(
                    session,
                    organiser,
                    enrolment=enrolment,
                    block=block,
                    obtained=obtained,
                    on=clock.today(),
                )
            enrolments.record_completion(session, organiser, enrolment=enrolment, on=clock.today())
            move_membership(session, hub.coordinator, row, _S.CERTIFIED)


# Hired ------------------------------------------------------------------------------------------


def hire(hub: Hub, cohort: Cohort) -> None:
    """Promised jobs become contracts, every other day; news are taken of the first ones."""
    scene = hub.scene
    ready = [row for row in _members(hub, cohort) if row.state is _S.CERTIFIED]
    jobs = [row for row in cohort.commitments for _ in range(row.jobs)]
    assert cohort.session is not None
    first = (cohort.session.end - scene.today).days + 4
    hires = []
    for number, (row, commitment) in enumerate(zip(ready[:-1], jobs, strict=False)):
        start = _working_day(scene.day(min(first + 2 * number, 0)))
        months = commitment.contract_months
        with clock.frozen_at(clock.start_of(start) + timedelta(hours=8)):
            terms = Terms(
                commitment.contract,
                start,
                end_after(start, months),
                35.0 if number % 3 else 39.0,
                clause_hours=number % 2 == 0,
            )
            hires.append(
                record_hire(
                    scene.session,
                    hub.coordinator,
                    person=row.person,
                    establishment=commitment.establishment,
                    terms=terms,
                    membership=row,
                )
            )
    _take_news(hub, hires)


def _working_day(day: date) -> date:
    """The day itself, or the Friday before a weekend."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def end_after(start: date, months: int | None) -> date | None:
    """The last day of a contract of so many months, None for one without an end."""
    return months_after(start, months) - timedelta(days=1) if months else None


def _members(hub: Hub, cohort: Cohort) -> Sequence[CohortMembership]:
    query = sqlalchemy.select(CohortMembership).where(CohortMembership.cohort_id == cohort.id)
    return hub.scene.session.scalars(query.order_by(CohortMembership.id)).all()


def _take_news(hub: Hub, hires: Sequence[Hire]) -> None:
    """What is due by now is noted, except for the last one; one difficulty waits for the hub."""
    scene, asked = hub.scene, hires[:-1]
    for number, row in enumerate(asked):
        due = [one for one in row.follow_ups if one.due <= scene.today]
        for one in due:
            result = _NEWS[number % len(_NEWS)]
            if row is asked[-1] and one is due[-1]:
                result = FollowUpResult.BAD
            with clock.frozen_at(clock.start_of(one.due) + timedelta(hours=11)):
                record_follow_up(
                    scene.session,
                    hub.coordinator,
                    follow_up=one,
                    on=one.due,
                    channel=ContactChannel.PHONE,
                    result=result,
                )
