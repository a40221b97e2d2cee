"""Who administers."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import (
    Organisation,
    OrganisationKind,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory


@pytest.fixture
def region(make: Factory) -> Organisation:
    return make.organisation(OrganisationKind.REGION, departement_code=None)


@pytest.fixture
def admin(
    client: CheckingClient, make: Factory, session: Session, region: Organisation
) -> CheckingClient:
    """A signed-in administrator of the whole Région."""
    return sign_in(client, session, make.account(Role.ADMIN, region))
