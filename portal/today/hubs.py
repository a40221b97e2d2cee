"""What hubs ask of the day: jobs taken back, seats to fill, next steps to take."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, and_, select
from sqlalchemy.orm import joinedload

from portal import clock
from portal.access.people import is_active
from portal.hubs import queries, sourcing
from portal.hubs.commitments import list_affected
from portal.hubs.planning import plan
from portal.hubs.rules import ENDED_COHORT_STATES, LOST, STARTED_COHORT_STATES, missing_jobs
from portal.matchmaking import cohorts as engine
from portal.models import (
    COHORT_EXIT_STATES,
    Cohort,
    CohortMembership,
    CohortState,
    EmployerCommitment,
)
from portal.today.queues import SHOWN, Queue, Source, one_by_one
from portal.today.tasks import Desk, Task, Theme

#: The people of cohorts.
MEMBERS = Source(
    CohortMembership,
    joins=(CohortMembership.person, CohortMembership.cohort),
    shown=(joinedload(CohortMembership.person), joinedload(CohortMembership.cohort)),
)
#: A next step noted at an exit is asked of its structure for a month.
_NEXT_STEP = timedelta(days=30)
_CALM = ENDED_COHORT_STATES | {CohortState.DRAFT, CohortState.FOLLOW_UP}


def jobs_taken_back(desk: Desk) -> Theme:
    """Employers who took jobs back, while a seat lacks a job or somebody is touched (T-HUB-03).

    Read from the state itself: the alert is there as soon as the loss is noted.
    """
    cohorts = _cohorts(desk, _CALM)
    lost = [row for cohort in cohorts for row in cohort.commitments if row.state in LOST]
    affected = list_affected(desk.session, lost) if lost else {}
    tasks = [
        Task(
            due=row.updated_at.astimezone(clock.PARIS).date(),
            what=_("Un employeur reprend des postes\u00a0: prévenir, chercher un remplaçant"),
            about=_about_loss(row, len(affected[row.id])),
            href=url_for("hubs.commitments", public_id=row.cohort.public_id),
            action=_("Voir qui est concerné"),
        )
        for row in lost
        if missing_jobs(row.cohort) or affected[row.id]
    ]
    return _theme(tasks, _("Engagements d’employeurs"))


def _about_loss(row: EmployerCommitment, people: int) -> str:
    touched = ngettext("%(num)d personne concernée", "%(num)d personnes concernées", people)
    return f"{row.establishment.name}, {row.cohort.title}. {touched}"


def seats_to_fill(desk: Desk) -> Theme:
    """Cohorts that will not be full at this pace, with the last day to invite."""
    cohorts = [row for row in _cohorts(desk, _CALM | STARTED_COHORT_STATES) if row.session]
    rates = sourcing.get_rates(desk.session, desk.actor.organisation.id) if cohorts else ()
    members: dict[int, list[CohortMembership]] = defaultdict(list)
    for member in desk.session.scalars(
        select(CohortMembership).where(CohortMembership.cohort_id.in_([row.id for row in cohorts]))
    ):
        members[member.cohort_id].append(member)
    tasks = [task for row in cohorts if (task := _to_fill(desk, row, members[row.id], rates))]
    return _theme(tasks, _("Places à remplir"))


def _cohorts(desk: Desk, but: Collection[CohortState]) -> list[Cohort]:
    rows = queries.list_cohorts(desk.session, desk.actor)
    return [row for row in rows if row.state not in but]


def _to_fill(
    desk: Desk,
    cohort: Cohort,
    members: Sequence[CohortMembership],
    rates: Sequence[engine.StepRate],
) -> Task | None:
    pace = sourcing.get_pace(desk.session, cohort, members, rates)
    act_before = plan(cohort, desk.today).act_before
    if not pace.short or act_before is None:
        return None
    return Task(
        due=act_before,
        what=_(
            "À ce rythme\u00a0: %(whole)d sur %(seats)d. Inviter d’autres personnes",
            whole=pace.whole,
            seats=pace.seats,
        ),
        about=cohort.title,
        href=url_for("hubs.show", public_id=cohort.public_id),
        action=_("Voir la cohorte"),
    )


def next_steps(desk: Desk) -> Queue:
    """People who left a cohort lately and whose next step is the actor's structure's (T-HUB-04)."""
    condition: tuple[ColumnElement[bool], ...] = (
        CohortMembership.state.in_(COHORT_EXIT_STATES),
        CohortMembership.next_step_owner_id == desk.actor.organisation.id,
        CohortMembership.state_since >= clock.now() - _NEXT_STEP,
        queries.may_see_member(desk.actor),
        is_active(),
    )
    return Queue(
        MEMBERS,
        and_(*condition),
        (CohortMembership.state_since, CohortMembership.id),
        one_by_one(_next_step),
    )


def _next_step(row: CohortMembership) -> Task:
    return Task(
        due=row.state_since.astimezone(clock.PARIS).date() + timedelta(days=7),
        what=row.next_step or "",
        about=f"{row.person.short_name}, {row.cohort.title}",
        href=url_for("hubs.member", public_id=row.cohort.public_id, member_id=row.public_id),
        action=_("Voir"),
        people=(row.person_id,),
    )


def _theme(tasks: list[Task], label: str) -> Theme:
    ordered = sorted(tasks, key=lambda task: task.due)
    return Theme(ordered[:SHOWN], len(ordered), label, url_for("hubs.index"))
