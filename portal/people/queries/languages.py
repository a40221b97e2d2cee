"""The languages a person says they speak."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.locks import hold_row
from portal.models import AssertionSource, LanguageLevel, Person, SpokenLanguage


def list_languages(session: Session, person: Person) -> list[SpokenLanguage]:
    """In the order they were told."""
    query = select(SpokenLanguage).where(SpokenLanguage.person_id == person.id)
    return list(session.scalars(query.order_by(SpokenLanguage.id)))


def record_languages(
    session: Session,
    actor: Actor,
    *,
    person: Person,
    levels: Iterable[tuple[str, LanguageLevel | None]],
    source: AssertionSource,
    on: date,
) -> int:
    """Each language with its level, None to be asked; said again, it is corrected. How many."""
    told = dict(levels)
    if told:
        hold_row(session, person)  # of two at once, the second one finds the first
    known = {row.language_code: row for row in list_languages(session, person)}
    for code, level in told.items():
        row = known.get(code) or SpokenLanguage(person_id=person.id, language_code=code)
        session.add(row)
        row.level, row.source, row.asserted_on = level, source, on
        row.recorded_by_id = actor.account.id
        session.flush()
        # Of the person, and without the language: what is taken back is kept nowhere.
        record_event(session, actor=actor, subject=person, name="language_recorded")
    return len(told)


def record_language_removed(session: Session, actor: Actor, *, person: Person, code: str) -> bool:
    """Entered by mistake, or no longer to be told; False when it is not there."""
    row = session.scalar(select(SpokenLanguage).filter_by(person_id=person.id, language_code=code))
    if row is None:
        return False
    session.delete(row)
    session.flush()
    # Which one is not kept: the person asked that it be forgotten.
    record_event(session, actor=actor, subject=person, name="language_removed")
    return True
