"""What people followed ask of the day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from flask import url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload

from portal.access.actor import Actor
from portal.access.people import may_write, own_portfolio
from portal.matchmaking import session_matches
from portal.models import (
    Contact,
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
from portal.today.tasks import Desk, Figure, Task, Theme

SHOWN = 5
# Two contacts a month: the follow-up promise (domain reference §0.1, S2-10).
CONTACTS, PERIOD = 2, timedelta(days=30)
_UNDER_WAY = (PathwayState.ACCEPTED, PathwayState.IN_PROGRESS)
_SOON = timedelta(days=45)


def _recent_contacts(today: date) -> ColumnElement[int]:
    return (
        select(func.count(Contact.id))
        .where(Contact.person_id == Person.id, Contact.on > today - PERIOD)
        .scalar_subquery()
    )


def _followed(actor: Actor, today: date) -> tuple[ColumnElement[bool], ...]:
    return (
        own_portfolio(actor),
        may_write(actor),
        Person.followed_since <= today - PERIOD,
    )


def to_contact(desk: Desk) -> Theme:
    """People of one's own with fewer than two contacts in thirty days (T-REF-02, I-13)."""
    condition = (*_followed(desk.actor, desk.today), _recent_contacts(desk.today) < CONTACTS)
    rows = desk.session.scalars(
        select(Person)
        .where(*condition)
        .order_by(Person.last_contact_on.asc().nulls_first(), Person.id)
        .limit(SHOWN)
    ).all()
    if not rows:
        return Theme([], 0)
    count = desk.session.scalar(select(func.count(Person.id)).where(*condition)) or 0
    return Theme([_contact_task(desk, rows, count)], 1)


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


def steps(desk: Desk) -> Theme:
    """Steps of pathways that should have begun, or begin within the week."""
    condition = (
        own_portfolio(desk.actor),
        may_write(desk.actor),
        Pathway.state.in_(_UNDER_WAY),
        PathwayStep.state == StepState.TO_DO,
        PathwayStep.start <= desk.today + timedelta(days=7),
    )
    base = select(PathwayStep).join(PathwayStep.pathway).join(Pathway.person)
    rows = desk.session.scalars(
        base.where(*condition)
        .options(joinedload(PathwayStep.pathway).joinedload(Pathway.person))
        .order_by(PathwayStep.start, PathwayStep.id)
        .limit(SHOWN)
    )
    tasks = [
        Task(
            due=step.start,
            what=_("Étape : %(title)s", title=public_title(step)),
            about=step.pathway.person.full_name,
            href=url_for("pathways.show", public_id=step.pathway.public_id),
            action=_("Voir le parcours"),
            people=(step.pathway.person_id,),
        )
        for step in rows
    ]
    counted = select(func.count(PathwayStep.id)).join(PathwayStep.pathway).join(Pathway.person)
    count = desk.session.scalar(counted.where(*condition)) or 0
    return Theme(tasks, count, _("Étapes de parcours"), url_for("pathways.index"))


def matching_sessions(desk: Desk) -> Theme:
    """Sessions that bring people of one's own nearer a job, the soonest first."""
    matches = session_matches(desk.session, desk.actor)
    rows = desk.session.scalars(
        select(TrainingSession)
        .where(
            TrainingSession.public_id.in_(list(matches)),
            TrainingSession.start <= desk.today + _SOON,
        )
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
    return Theme(tasks, len(rows), _("Sessions pour mes personnes"), more)


def _matching_text(count: int) -> str:
    if count == 1:
        return str(_("1 personne de votre portefeuille correspond à cette session"))
    return str(_("%(count)s personnes de votre portefeuille correspondent", count=count))


def figures(desk: Desk) -> list[Figure]:
    """The follow-up of one's own portfolio."""
    followed = _followed(desk.actor, desk.today)
    total = desk.session.scalar(select(func.count(Person.id)).where(*followed)) or 0
    kept = desk.session.scalar(
        select(func.count(Person.id)).where(*followed, _recent_contacts(desk.today) >= CONTACTS)
    )
    under_way = desk.session.scalar(
        select(func.count(Pathway.id))
        .join(Pathway.person)
        .where(own_portfolio(desk.actor), may_write(desk.actor), Pathway.state.in_(_UNDER_WAY))
    )
    return [
        Figure(
            kept or 0,
            total,
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
