"""« Qui a regardé ? » and « Mes accès »: who opened the person's data, and from where they did.

The person's right to know to whom their data was disclosed: RGPD article 15.1.c.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.models import (
    AccessKind,
    AccessLog,
    DoorSession,
    EmployerContact,
    Establishment,
    Person,
)
from portal.recipients.saying_dates import day_of
from portal.text import N_
from portal.web.paging import Page, paginate

PAGE_SIZE = 50
VISITS_SHOWN = 20

#: Why a page is opened, from the part of the portal it belongs to.
_WHY = {
    "people": N_("Pour vous suivre."),
    "today": N_("Pour préparer sa journée."),
    "calls": N_("Pour vous appeler."),
    "offers": N_("Pour trouver un emploi."),
    "introductions": N_("Pour vous présenter à une entreprise."),
    "pathways": N_("Pour préparer votre parcours."),
    "trainings": N_("Pour trouver une formation."),
    "enrolments": N_("Pour une place en formation."),
    "hubs": N_("Pour une formation suivie d’un emploi."),
    "immersions": N_("Pour une immersion en entreprise."),
    "hires": N_("Pour suivre votre emploi."),
    "invitations": N_("Pour un rendez-vous."),
    "messages": N_("Pour vous envoyer un message."),
    "people_import": N_("Pour mettre à jour votre dossier."),
    "recipients": N_("Avec vous, dans votre espace."),
    "doorstep": N_("Avec vous, dans votre espace."),
    "employers": N_("Carte lue"),
    "employers.assess": N_("Pour une immersion en entreprise."),
    "employers.convention": N_("Pour une immersion en entreprise."),
    "employers.follow_up": N_("Pour suivre votre emploi."),
}
#: How the log names somebody of a firm who has no account (``employers.visiting.log_shown``).
_CONTACT = re.compile(r"\bcontact (\w+)$")
_OTHER = N_("Pour vous suivre.")
_REFUSED = N_("A voulu ouvrir votre dossier. L’accès est refusé.")
_COPY = N_("A pris une copie de vos données.")
_OWN_COPY = N_("Vous avez pris une copie.")


@dataclass(frozen=True, slots=True)
class Look:
    """Somebody looked, one day, for one reason; ``name`` empty: the person."""

    name: str
    organisation: str
    why: str


@dataclass(frozen=True, slots=True)
class Day:
    """What was looked at in a day, each person and reason once."""

    on: date
    looks: list[Look]


def list_looks(
    session: Session, person: Person, *, number: int
) -> tuple[Page[AccessLog], list[Day]]:
    """A page of the log of the person, grouped by day, the latest first."""
    query = (
        select(AccessLog)
        .where(AccessLog.person_id == person.id)
        .options(joinedload(AccessLog.account), joinedload(AccessLog.organisation))
        .order_by(AccessLog.at.desc(), AccessLog.id.desc())
    )
    page = paginate(session, query, number=number, size=PAGE_SIZE)
    firms = _firms_of(session, page.rows)
    days = groupby(page.rows, key=lambda row: day_of(row.at))
    return page, [
        Day(on, list(dict.fromkeys(_look(row, firms) for row in rows))) for on, rows in days
    ]


def list_visits(session: Session, person: Person) -> list[DoorSession]:
    """The latest visits of the person's space, the last one first."""
    query = (
        select(DoorSession)
        .where(DoorSession.person_id == person.id)
        .options(joinedload(DoorSession.helper))
        .order_by(DoorSession.made_at.desc(), DoorSession.id.desc())
        .limit(VISITS_SHOWN)
    )
    return list(session.scalars(query))


def _firms_of(session: Session, rows: Sequence[AccessLog]) -> dict[int, str]:
    """The firm of each row that somebody without an account made, by the key of the row."""
    contacts = {
        row.id: found[1]
        for row in rows
        if (found := _CONTACT.search(row.context or "")) is not None
    }
    if not contacts:
        return {}
    query = (
        select(EmployerContact.public_id, Establishment.name)
        .join(EmployerContact.establishment)
        .where(EmployerContact.public_id.in_(set(contacts.values())))
    )
    names = {row[0]: row[1] for row in session.execute(query)}
    return {
        key: names.get(public_id, str(_("Une entreprise"))) for key, public_id in contacts.items()
    }


def _look(row: AccessLog, firms: Mapping[int, str]) -> Look:
    return Look(
        name=row.account.full_name if row.account else firms.get(row.id, ""),
        organisation=row.organisation.name if row.organisation else "",
        why=_why(row),
    )


def _why(row: AccessLog) -> str:
    if row.kind is AccessKind.REFUSED:
        return str(_(_REFUSED))
    if row.kind is AccessKind.EXPORT:
        return str(_(_COPY if row.account_id else _OWN_COPY))
    area = _WHY.get(row.endpoint.partition(".")[0], _OTHER)
    return str(_(_WHY.get(row.endpoint, area)))
