"""A person is reached elsewhere: what was sent to the old number or mail opens no more.

The old number may be somebody else's now. Visits that a code or a professional confirmed go on:
they do not rest on who holds a telephone.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.doors.links import revoke_sent_links
from portal.models import Person
from portal.phones import normalise_phone
from portal.web.doorstep import end_light_visits

Reach = tuple[str | None, str | None]
"""A telephone number in one form, and a mail."""


def reach_of(person: Person) -> Reach:
    """Where a person is reached now."""
    return (normalise_phone(person.phone or "") or person.phone, person.email)


def close_old_reach(session: Session, person: Person, *, before: Reach) -> None:
    """End what was sent to where the person was reached ``before``, if they are there no more.

    A first number, or a first mail, ends nothing: nothing was sent there.
    """
    now = reach_of(person)
    if all(old in (None, "", new) for old, new in zip(before, now, strict=True)):
        return
    revoke_sent_links(session, to=person)
    end_light_visits(session, person_id=person.id)
