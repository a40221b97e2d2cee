"""What the tests of hubs share."""

from __future__ import annotations

import pytest

from tests.support.cohort_people import Hub
from tests.support.factories import Factory


@pytest.fixture
def hub(make: Factory) -> Hub:
    """A hub, its coordinator, and a referent of the same département."""
    return Hub.build(make)
