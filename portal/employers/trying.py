"""« Je teste deux semaines »: the request of a firm, judged by the law, that waits for its people.

The firm writes the dates, the tutor and the tasks; the adviser asks the person, then routes the
convention to a structure that may prescribe.
"""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.employers.answers import ask_adviser, record_test
from portal.employers.cards import job_of
from portal.employers.forms import TryForm
from portal.employers.visiting import author_details
from portal.immersions.convention import Breach
from portal.immersions.forms import weekdays
from portal.immersions.judging import Draft, list_prescribers
from portal.immersions.parameters import load_rules
from portal.immersions.preparing import first_prescriber, usual_period
from portal.immersions.queries import list_gestures
from portal.immersions.recording import record_immersion
from portal.locks import lock_row
from portal.models import CallReason, Immersion, ImmersionObject, Introduction, Organisation
from portal.web.doorstep import EmployerVisitor

#: What the firm decides by itself: the only rules that are cited to it. The others are about the
#: person (age, another contract, a telephone), of whom it learns nothing.
_OF_THE_FIRM = frozenset({"start", "end", "presence_days", "object", "tasks", "schedule"})


def prefill(
    session: Session, form: TryForm, introduction: Introduction, visitor: EmployerVisitor
) -> None:
    """Everything that can be said without asking; one reads, then sends."""
    form.start.data, form.end.data = usual_period(clock.today())
    form.schedule.data = _("du lundi au vendredi, 8 h à 12 h et 13 h à 16 h")
    form.tutor_name.data = visitor.name
    form.tutor_contact.data = visitor.contact.phone if visitor.contact else None
    form.tasks.data = "\n".join(_tasks(session, introduction))


def _tasks(session: Session, introduction: Introduction) -> list[str]:
    """What the offer asks, else the usual gestures of the trade."""
    offer = introduction.offer
    asked = [row.skill.plain for row in offer.requirements if row.skill is not None]
    return asked or [skill.plain for skill in list_gestures(session, offer.occupation)]


def record_request(
    session: Session, visitor: EmployerVisitor, *, introduction: Introduction, form: TryForm
) -> Immersion:
    """Keep the request, and tell the adviser.

    Raises :class:`portal.immersions.recording.NotLegalError` when the law forbids it, and
    :class:`portal.access.transitions.IllegalTransitionError` when it is not the time.
    """
    lock_row(session, introduction.person)
    record_test(session, visitor, introduction=introduction)
    support = session.get_one(Organisation, introduction.organisation_id)
    draft = _draft(session, visitor, introduction, form)
    row = record_immersion(
        session, visitor.actor, draft=draft, support=support, details=author_details(visitor)
    )
    note = _(
        "%(who)s veut tester deux semaines avec %(name)s, à partir du %(day)s. Demandez d’abord"
        " l’accord de la personne.",
        who=visitor.name,
        name=introduction.person.full_name,
        day=f"{draft.start:%d/%m/%Y}",
    )
    ask_adviser(session, visitor, introduction, CallReason.IMMERSION, note)
    return row


def _draft(
    session: Session, visitor: EmployerVisitor, introduction: Introduction, form: TryForm
) -> Draft:
    person, offer = introduction.person, introduction.offer
    start, end = form.period
    offered = list_prescribers(session, person.departement_code, start)
    return Draft(
        person=person,
        establishment=visitor.establishment,
        occupation=offer.occupation,
        prescriber=first_prescriber(person, offered),
        object=ImmersionObject.RECRUIT,
        objectives=_("Voir si le poste convient\u00a0: %(job)s.", job=job_of(offer)),
        tasks=(form.tasks.data or "").strip(),
        start=start,
        end=end,
        presence_days=weekdays(start, end),
        weekly_hours=form.weekly_hours.data or 0.0,
        schedule=(form.schedule.data or "").strip(),
        tutor_name=(form.tutor_name.data or "").strip(),
        tutor_contact=(form.tutor_contact.data or "").strip() or None,
        no_replacement_declared=bool(form.no_replacement.data),
    )


def said_to_firm(breaches: list[Breach], form: TryForm) -> list[Breach]:
    """The rules to cite, those about the person left out (INV-13)."""
    return [breach for breach in breaches if breach.illegal and _is_of_firm(breach, form)]


def _is_of_firm(breach: Breach, form: TryForm) -> bool:
    """Too many hours are the firm's own only when its own hours are too many."""
    if breach.field != "weekly_hours":
        return breach.field in _OF_THE_FIRM
    most = load_rules().on(form.period[0]).get("weekly_hours")
    own = form.weekly_hours.data or 0.0
    return own <= 0 or (most is not None and own > most.number)
