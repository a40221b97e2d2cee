"""What a person brings to a cohort, and what is to ask or to learn: never more than a card."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.matchmaking import cohorts as engine
from portal.models import Cohort, Person
from portal.offers.lines import PersonLine, band_views


def get_line(session: Session, cohort: Cohort, person: Person) -> PersonLine | None:
    """The person against what the cohort asks on its first day, in words.

    None while the cohort asks nothing yet, and for somebody the session is out of reach of.
    """
    offer = engine.cohort_offer(session, cohort)
    if offer is None:
        return None
    found = engine.people_for_cohort(session, offer, Person.id == person.id)
    return next((line for band in band_views(found, ()) for line in band.lines), None)
