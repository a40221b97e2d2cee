"""From what is asked and typed to a draft: the firm, the trade, what is filled in beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access import offers as offer_access
from portal.access.actor import Actor
from portal.immersions import queries
from portal.immersions.forms import ImmersionForm
from portal.immersions.judging import Draft, list_prescribers
from portal.locks import hold_row
from portal.models import (
    Cohort,
    Establishment,
    Immersion,
    ImmersionObject,
    ImmersionPlace,
    JobOffer,
    Occupation,
    Organisation,
    Person,
)
from portal.offers.employers import find_employer, read_employer
from portal.people.forms.fields import is_plausible_year
from portal.people.trades import read_trade
from portal.text import fold

_LENGTH = timedelta(days=11)


@dataclass(frozen=True, slots=True)
class Request:
    """For whom, and from where one comes: a firm, an offer, a cohort, a first convention.

    ``place``: the place promised to the cohort, which says the firm, the days and the tutor.
    """

    person: Person
    establishment: Establishment | None = None
    occupation: Occupation | None = None
    offer: JobOffer | None = None
    cohort: Cohort | None = None
    place: ImmersionPlace | None = None
    renewed: Immersion | None = None


def read_request(session: Session, actor: Actor, arguments: Any) -> Request | None:
    """What an address asks for; None when the person, or what it names, is out of reach."""
    cohort = _cohort(session, actor, arguments.get("cohorte"))
    person = queries.get_person_to_place(
        session, actor, arguments.get("personne", ""), cohort.id if cohort else None
    )
    if person is None:
        return None
    offer = _offer(session, actor, arguments.get("offre"))
    renewed = _renewed(session, actor, arguments.get("renouvelle"), person)
    firm = queries.get_establishment(session, arguments.get("entreprise", ""))
    if firm is None and offer is not None and offer_access.sees_employer_name(actor, offer):
        firm = offer.establishment
    place = queries.get_place(session, cohort, arguments.get("place")) if cohort else None
    if place is not None:
        firm = place.commitment.establishment
    return Request(
        person=person,
        establishment=renewed.establishment if renewed else firm,
        occupation=_first_occupation(renewed, offer, cohort),
        offer=offer,
        cohort=cohort,
        place=place,
        renewed=renewed,
    )


def _cohort(session: Session, actor: Actor, public_id: str | None) -> Cohort | None:
    return queries.get_own_cohort(session, actor, public_id) if public_id else None


def _offer(session: Session, actor: Actor, public_id: str | None) -> JobOffer | None:
    if not public_id:
        return None
    query = select(JobOffer).where(JobOffer.public_id == public_id, offer_access.may_read(actor))
    return session.scalar(query)


def _renewed(
    session: Session, actor: Actor, public_id: str | None, person: Person
) -> Immersion | None:
    found = queries.get_immersion(session, actor, public_id) if public_id else None
    if found is None or not found.manages or found.immersion.person_id != person.id:
        return None
    return found.immersion


def _first_occupation(*rows: Immersion | JobOffer | Cohort | None) -> Occupation | None:
    return next((row.occupation for row in rows if row is not None and row.occupation), None)


# Filled in beforehand ----------------------------------------------------------------------


def prefill(session: Session, form: ImmersionForm, asked: Request) -> None:
    """What can be said without asking; everything may be changed."""
    form.start.data, form.end.data = usual_period(clock.today())
    if asked.place is not None:
        form.start.data, form.end.data = asked.place.start, asked.place.end
        form.tutor_name.data = asked.place.commitment.tutor_name
    if asked.establishment is not None:
        _fill_firm(form, asked.establishment)
    if asked.renewed is not None:
        fill_from(form, asked.renewed)
        _date_renewal(form, asked.renewed)
        return
    if asked.occupation is not None:
        form.trade.data = asked.occupation.label
        form.tasks.data = "\n".join(
            skill.plain for skill in queries.list_gestures(session, asked.occupation)
        )
        form.objectives.data = _(
            "Voir si le métier convient\u00a0: %(trade)s.", trade=form.trade.data
        )
    if asked.offer is not None:
        form.object.data = ImmersionObject.RECRUIT.value
        form.weekly_hours.data = asked.offer.weekly_hours or form.weekly_hours.data
    else:
        form.object.data = ImmersionObject.DISCOVER.value


def usual_period(today: date) -> tuple[date, date]:
    """Two weeks from a Monday that leaves the time to sign: the first day, the last."""
    first = today + timedelta(days=10)
    start = first + timedelta(days=-first.weekday() % 7)
    return start, start + _LENGTH


def _fill_firm(form: ImmersionForm, row: Establishment) -> None:
    form.employer.data = f"{row.name} {row.siret or ''}".strip()
    form.establishment.data = row.public_id


def _date_renewal(form: ImmersionForm, renewed: Immersion) -> None:
    start = max(renewed.end + timedelta(days=1), clock.today())
    form.start.data = start
    form.end.data = start + (renewed.end - renewed.start)
    form.presence_days.data = None


def fill_from(form: ImmersionForm, row: Immersion) -> None:
    """What a convention says, into its form."""
    for name in (
        "objectives",
        "tasks",
        "start",
        "end",
        "presence_days",
        "weekly_hours",
        "schedule",
        "place",
        "tutor_name",
        "tutor_role",
        "tutor_contact",
        "legal_representative",
        "employed",
        "contract_suspended",
        "current_employer_agreed",
        "no_replacement_declared",
    ):
        form[name].data = getattr(row, name)
    form.object.data = row.object.value
    _fill_firm(form, row.establishment)
    form.trade.data = row.occupation.label if row.occupation else ""
    form.prescriber.data = row.prescriber.public_id if row.prescriber else ""


# From what is typed ------------------------------------------------------------------------


def offered_prescribers(
    session: Session, form: ImmersionForm, person: Person
) -> list[Organisation]:
    """The structures one may route to on the first day."""
    day = form.start.data or clock.today()
    return list_prescribers(session, person.departement_code, day)


def first_prescriber(person: Person, rows: list[Organisation]) -> Organisation | None:
    """The structure that leads the accompaniment when it may prescribe, else the first."""
    lead = next((r.organisation_id for r in person.referrals if r.lead and r.end is None), None)
    return next((row for row in rows if row.id == lead), rows[0] if rows else None)


def _read_firm(session: Session, form: ImmersionForm) -> Establishment:
    """The firm that the rules read, its doubts beside the field; never added to the session.

    While one types nothing is kept: a new firm, or the number of one noted without it, is kept
    with the convention (:func:`keep_firm`).
    """
    meant = read_employer(session, form.employer.data or "", chosen=form.establishment.data)
    problem = meant.problem
    if meant.is_new and meant.siret is None:
        problem = _("Cette entreprise est nouvelle ici. Ajoutez son SIRET.")
    if problem:
        _add_error(form, "employer", problem)
    if problem or form.establishment.data:
        form.offer_alike(meant)
    row = meant.row
    if row is not None and (row.siret or not meant.siret):
        return row
    key, siret = row.id if row is not None else None, None if problem else meant.siret
    return Establishment(id=key, name=meant.name, search_name=fold(meant.name), siret=siret)


def keep_firm(session: Session, actor: Actor, form: ImmersionForm, draft: Draft) -> None:
    """The firm of a draft that is kept: made when it is new, by the one rule of employers."""
    hold_row(session, actor.organisation)  # of two colleagues at once, the second one finds it
    typed = form.employer.data or ""
    found = find_employer(session, actor, typed, chosen=form.establishment.data)
    assert found.row is not None, "a draft is kept when its firm can be read"
    draft.establishment = found.row


def read_draft(
    session: Session, form: ImmersionForm, asked: Request, offered: list[Organisation]
) -> Draft | None:
    """The draft of a form, errors added to its fields; None without two dates of our time.

    It is made even of a form that is not complete, so that the rules can speak while one types.
    """
    if not all(is_plausible_year(day) for day in (form.start.data, form.end.data)):
        return None
    firm, trade = _read_firm(session, form), form.trade.data or ""
    reading = read_trade(session, trade)
    if trade.strip() and reading.occupation is None:
        names = ", ".join(match.label for match in reading.proposals[:3])
        _add_error(form, "trade", _("Écrivez le nom du métier. %(names)s", names=names))
    return Draft(
        person=asked.person,
        establishment=firm,
        occupation=reading.occupation,
        prescriber=next((r for r in offered if r.public_id == form.prescriber.data), None),
        object=form.object.chosen
        if form.object.data in set(ImmersionObject)
        else ImmersionObject.DISCOVER,
        presence_days=form.days,
        weekly_hours=form.weekly_hours.data or 0.0,
        renewal_of=asked.renewed,
        cohort_id=asked.cohort.id if asked.cohort else None,
        **_texts(form),
    )


def _texts(form: ImmersionForm) -> dict[str, Any]:
    """The fields taken as they are, blanks aside."""
    needed = ("objectives", "tasks", "schedule", "tutor_name")
    optional = ("place", "tutor_role", "tutor_contact", "legal_representative")
    flags = ("employed", "contract_suspended", "current_employer_agreed", "no_replacement_declared")
    found: dict[str, Any] = {name: form[name].data for name in ("start", "end")}
    found |= {name: (form[name].data or "").strip() for name in needed}
    found |= {name: (form[name].data or "").strip() or None for name in optional}
    return found | {name: bool(form[name].data) for name in flags}


def _add_error(form: ImmersionForm, name: str, text: str) -> None:
    """Once, however many times the form is read."""
    form[name].errors = [*(one for one in form[name].errors if one != text), text]
