"""Whose portfolio it is."""

from __future__ import annotations

import pytest

from portal.models import (
    Account,
    Role,
)
from tests.support.factories import Factory


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)
