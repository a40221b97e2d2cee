"""What is known of them."""

from __future__ import annotations

from portal import clock
from portal.models import (
    AssertionSource,
    Barrier,
    BarrierImpact,
    BarrierState,
    BarrierTheme,
    Person,
    PersonStatus,
    StatusCode,
    StatusSource,
)
from tests.support.factories import Factory

MARK = "Zébulon"


def _known(make: Factory, person: Person, mark: str = "poser une bordure") -> Person:
    skill = make.skill(f"s-{mark}", mark)
    make.knows(person, skill, 2, source=AssertionSource.IMMERSION, evidence=mark)
    today = clock.today()
    make.add(
        Barrier(
            person_id=person.id,
            theme=BarrierTheme.MOBILITY,
            impact=BarrierImpact.MEDIUM,
            state=BarrierState.IN_PROGRESS,
            acts_text=mark,
            observed_on=today,
        )
    )
    make.add(
        PersonStatus(
            person_id=person.id,
            code=StatusCode.BRSA,
            start=today,
            source=StatusSource.IMPORT_CAF,
        )
    )
    return person
