"""What the tests of the file share."""

from __future__ import annotations

from portal import clock
from portal.models import (
    Account,
    Introduction,
    IntroductionState,
    Person,
)
from tests.support.factories import Factory


def introduced(make: Factory, adviser: Account, person: Person) -> Introduction:
    return make.add(
        Introduction(
            person_id=person.id,
            offer_id=make.offer(adviser).id,
            organisation_id=adviser.memberships[0].organisation_id,
            state=IntroductionState.AGREED,
            agreed_at=clock.now(),
        )
    )
