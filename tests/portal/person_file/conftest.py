"""Somebody and who follows them."""

from __future__ import annotations

import pytest

from portal.models import (
    Account,
    Person,
    Role,
)
from tests.support.factories import Factory


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent, first_name="Amina", last_name="Bertin")
