"""Somebody of whom much is known."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import (
    Person,
    Role,
)
from tests.portal.recipients.my_data.support import MARK, _known
from tests.support.factories import Factory


@pytest.fixture
def person(make: Factory, session: Session) -> Person:
    """Somebody with a skill, a difficulty and a situation; and a neighbour who is not them."""
    referent = make.account(Role.REFERENT)
    found = _known(make, make.person(referent=referent, first_name="Amina", phone="0611223344"))
    neighbour = make.person(referent=referent, first_name=MARK, last_name=MARK, project=MARK)
    _known(make, neighbour, MARK)
    session.commit()
    return found
