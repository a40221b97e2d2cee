"""How a newcomer enters each door of the demonstration: a printed code, and a link."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.config import Settings
from portal.demo.door_people import VISITOR
from portal.doors.codes import find_person_code, in_groups, is_living, keep_person_code
from portal.doors.contacts import main_contact
from portal.doors.links import address_of, make_link
from portal.models import (
    Establishment,
    LinkPurpose,
    Membership,
    Organisation,
    Person,
    Role,
)

#: Published, like the password of the accounts: a demonstration holds nobody.
PRINTED_CODE = "246801357911"


def entrances(session: Session, settings: Settings) -> str:
    """What ``ecluse demo`` prints of the doors; flushed, not committed.

    The code is made for the secret key of this folder, the link anew at each start.
    """
    return "\n".join([*_person(session, settings), *_employer(session, settings)])


def _person(session: Session, settings: Settings) -> Iterator[str]:
    person = session.scalar(select(Person).where(Person.external_ref == VISITOR))
    if person is None:
        return
    code = find_person_code(session, settings.secret_key, PRINTED_CODE)
    if code is not None and not is_living(code):
        session.delete(code)
        session.flush()
        code = None
    if code is None:
        keep_person_code(session, settings.secret_key, PRINTED_CODE, person=person)
    yield f"La porte d’une personne ({person.short_name}) :"
    yield f"    {settings.public_url}/moi/entrer    code {in_groups(PRINTED_CODE)}"


def _employer(session: Session, settings: Settings) -> Iterator[str]:
    firm = session.scalar(
        select(Establishment)
        .join(Organisation, Organisation.establishment_id == Establishment.id)
        .join(Membership, Membership.organisation_id == Organisation.id)
        .where(Membership.role == Role.EMPLOYER)
        .order_by(Establishment.id)
        .limit(1)
    )
    contact = main_contact(session, firm) if firm else None
    if contact is None:
        return
    link = make_link(session, purpose=LinkPurpose.EMPLOYER_SPACE, to=contact)
    yield f"La porte d’un employeur ({contact.name}, {contact.establishment.name}) :"
    yield f"    {address_of(settings, link)}    le code demandé est écrit sur la page"
