"""Who coordinates."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from tests.support.client import CheckingClient, sign_in
from tests.support.cohort_people import Hub


@pytest.fixture
def coordinator(client: CheckingClient, session: Session, hub: Hub) -> CheckingClient:
    return sign_in(client, session, hub.coordinator)
