"""What the people of cohorts ask of the day: to propose, to ask, and meetings to close."""

from __future__ import annotations

from datetime import date

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_
from sqlalchemy.orm import joinedload

from portal.access.people import is_active
from portal.hubs import queries
from portal.hubs.candidates import RECRUITING_STATES, count_matching
from portal.models import Cohort, CohortMeeting, CohortMembership, MembershipState
from portal.today.hubs import MEMBERS
from portal.today.queues import SHOWN, Queue, Source, named, one_by_one
from portal.today.tasks import Desk, Task, Theme

_MEETINGS = Source(
    CohortMeeting, joins=(CohortMeeting.cohort,), shown=(joinedload(CohortMeeting.cohort),)
)
_WAITING = (MembershipState.SOURCED, MembershipState.TOLD)


def to_propose(desk: Desk) -> Theme:
    """« 3 personnes de votre portefeuille correspondent », cohort by cohort."""
    cohorts = [
        row
        for row in queries.list_cohorts(desk.session, desk.actor)
        if row.state in RECRUITING_STATES and row.session and row.session.start > desk.today
    ]
    counted = count_matching(desk.session, desk.actor, cohorts)
    tasks = [
        Task(
            due=desk.today,
            what=ngettext(
                "%(num)d personne de votre portefeuille correspond",
                "%(num)d personnes de votre portefeuille correspondent",
                count,
            ),
            about=row.title,
            href=url_for("hubs.candidates", public_id=row.public_id),
            action=_("Choisir et proposer"),
        )
        for row in cohorts
        if (count := counted.get(row.id))
    ]
    return Theme(tasks[:SHOWN], len(tasks), _("Cohortes à remplir"), url_for("hubs.index"))


def to_ask(desk: Desk) -> Queue:
    """People proposed to a cohort who are still to be told, or to answer."""
    condition = (
        CohortMembership.prescriber_id == desk.actor.organisation.id,
        CohortMembership.by_id == desk.actor.account.id,
        CohortMembership.state.in_(_WAITING),
        Cohort.state.in_(RECRUITING_STATES),
        is_active(),
    )
    return Queue(
        MEMBERS,
        and_(*condition),
        (CohortMembership.state_since, CohortMembership.id),
        one_by_one(lambda row: _to_ask(row, desk.today)),
        named(_("Réponses attendues pour des cohortes")),
        url_for("hubs.index"),
    )


def _to_ask(row: CohortMembership, today: date) -> Task:
    return Task(
        due=today,
        what=_("Prévenir et noter la réponse\u00a0: %(cohort)s", cohort=row.cohort.title),
        about=row.person.short_name,
        href=url_for("hubs.candidates", public_id=row.cohort.public_id) + "#proposees",
        action=_("Noter la réponse"),
        people=(row.person_id,),
    )


def meetings_to_close(desk: Desk) -> Queue:
    """Meetings that took place and whose presence is not written yet."""
    return Queue(
        _MEETINGS,
        and_(
            queries.may_write(desk.actor),
            CohortMeeting.held.is_(False),
            CohortMeeting.on <= desk.today,
        ),
        (CohortMeeting.on, CohortMeeting.id),
        one_by_one(_to_close),
        named(_("Réunions à clore")),
        url_for("hubs.index"),
    )


def _to_close(row: CohortMeeting) -> Task:
    return Task(
        due=row.on,
        what=_("Réunion d’information\u00a0: noter les présences"),
        about=row.cohort.title,
        href=url_for("hubs.meetings", public_id=row.cohort.public_id),
        action=_("Noter les présences"),
    )
