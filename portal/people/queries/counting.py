"""What is kept of a person to be counted alone, in masked aggregates (INV-08, INV-15)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.models import Person, PersonRestricted, Sex


def record_sex(session: Session, *, person: Person, sex: Sex | None) -> None:
    """What the person accepted to say, or nothing; the caller checks ``Rights.keeps_limits``.

    No event: the journal of a file says what was done of it, and this is never shown.
    """
    row = session.get(PersonRestricted, person.id)
    if row is None:
        row = PersonRestricted(person_id=person.id)
        session.add(row)
    row.sex_for_counts = sex
    session.flush()
