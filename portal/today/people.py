"""What people followed ask of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import and_, func, select
from sqlalchemy.orm import joinedload

from portal import matchmaking as mm
from portal.access.people import may_write, own_portfolio
from portal.models import (
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    StepState,
    TrainingAction,
    TrainingSession,
)
from portal.pathways.views import public_title
from portal.people.queries.portfolio import Sort
from portal.today.queues import SHOWN, Queue, Source, named, one_by_one
from portal.today.tasks import PERIOD, Desk, Figure, Followed, Task, Theme

# Two contacts a month: the follow-up promise (domain reference §0.1, S2-10).
CONTACTS = 2
_UNDER_WAY = (PathwayState.ACCEPTED, PathwayState.IN_PROGRESS)
_SOON = timedelta(days=45)
_STEPS = Source(
    PathwayStep,
    joins=(PathwayStep.pathway, Pathway.person),
    shown=(joinedload(PathwayStep.pathway).joinedload(Pathway.person),),
)


def to_contact(desk: Desk) -> Theme:
    """People of one's own with fewer than two contacts in thirty days (T-REF-02, I-13)."""
    silent = [one.person for one in _followed(desk) if one.contacts < CONTACTS]
    if not silent:
        return Theme([], 0)
    first = sorted(silent, key=lambda row: (row.last_contact_on or date.min, row.id))[:SHOWN]
    return Theme([_contact_task(desk, first, len(silent))], 1)


def _followed(desk: Desk) -> list[Followed]:
    """Those of one's own followed long enough for two contacts to be due."""
    since = desk.today - PERIOD
    return [
        one
        for one in desk.portfolio
        if one.person.followed_since is not None and one.person.followed_since <= since
    ]


def _contact_task(desk: Desk, rows: Sequence[Person], count: int) -> Task:
    """One task for all: the same words five times would bury the rest of the day."""
    if len(rows) == 1:
        person, action = rows[0], _("Prendre contact")
        about, href = person.full_name, url_for("people.follow", public_id=person.public_id)
    else:
        about, action = "", _("Voir les personnes")
        href = url_for("people.index", tri=Sort.CONTACT.value)
    return Task(
        due=min(_due(person, desk.today) for person in rows),
        what=ngettext(
            "%(num)d personne a moins de deux contacts en trente jours",
            "%(num)d personnes ont moins de deux contacts en trente jours",
            count,
        ),
        about=about,
        href=href,
        action=action,
        people=tuple(person.id for person in rows),
        links=tuple(
            (person.full_name, url_for("people.follow", public_id=person.public_id))
            for person in rows
            if len(rows) > 1
        ),
    )


def _due(person: Person, today: date) -> date:
    """Thirty days after the last contact; a person never met is due today."""
    return person.last_contact_on + PERIOD if person.last_contact_on else today


def steps(desk: Desk) -> Queue:
    """Steps of pathways that should have begun, or begin within the week."""
    condition = and_(
        own_portfolio(desk.actor),
        may_write(desk.actor),
        Pathway.state.in_(_UNDER_WAY),
        PathwayStep.state == StepState.TO_DO,
        PathwayStep.start <= desk.today + timedelta(days=7),
    )
    return Queue(
        _STEPS,
        condition,
        (PathwayStep.start, PathwayStep.id),
        one_by_one(_step_task),
        named(_("Étapes de parcours")),
        url_for("pathways.index"),
    )


def _step_task(step: PathwayStep) -> Task:
    return Task(
        due=step.start,
        what=_("Étape\u00a0: %(title)s", title=public_title(step)),
        about=step.pathway.person.full_name,
        href=url_for("pathways.show", public_id=step.pathway.public_id),
        action=_("Voir le parcours"),
        people=(step.pathway.person_id,),
    )


def matching_sessions(desk: Desk) -> Theme:
    """Sessions that bring people of one's own nearer a job, the soonest first."""
    people = [one.person for one in desk.portfolio]
    matches = mm.matches_of_people(desk.session, people)
    starts = mm.session_starts(desk.session, matches)
    soon = sorted(start for start in starts.values() if start <= desk.today + _SOON)
    # The rows of the first ones alone are read, with those that begin the same day as the last.
    limit = soon[:SHOWN][-1] if soon else desk.today
    rows = desk.session.scalars(
        select(TrainingSession)
        .where(TrainingSession.public_id.in_([name for name, on in starts.items() if on <= limit]))
        .options(joinedload(TrainingSession.action).joinedload(TrainingAction.program))
        .order_by(TrainingSession.start, TrainingSession.id)
    ).all()
    tasks = [
        Task(
            due=row.start - timedelta(days=7),
            what=_matching_text(len(matches[row.public_id])),
            about=row.action.program.title,
            href=url_for("trainings.show", public_id=row.public_id),
            action=_("Voir la session"),
        )
        for row in rows[:SHOWN]
    ]
    more = url_for("trainings.index", portefeuille="1")
    return Theme(tasks, len(soon), _("Sessions pour mes personnes"), more)


def _matching_text(count: int) -> str:
    if count == 1:
        return str(_("1 personne de votre portefeuille correspond à cette session"))
    return str(_("%(count)s personnes de votre portefeuille correspondent", count=count))


def figures(desk: Desk) -> list[Figure]:
    """The follow-up of one's own portfolio."""
    followed = _followed(desk)
    kept = sum(one.contacts >= CONTACTS for one in followed)
    under_way = desk.session.scalar(
        select(func.count(Pathway.id))
        .join(Pathway.person)
        .where(own_portfolio(desk.actor), may_write(desk.actor), Pathway.state.in_(_UNDER_WAY))
    )
    return [
        Figure(
            kept,
            len(followed),
            _("personnes avec au moins deux contacts"),
            _("sur trente jours"),
            url_for("people.index", tri=Sort.CONTACT.value),
        ),
        Figure(
            under_way or 0,
            None,
            _("parcours en cours"),
            _("aujourd’hui"),
            url_for("pathways.index"),
        ),
    ]
