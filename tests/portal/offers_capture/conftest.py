"""A draft and who captures it."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.models import (
    Account,
    JobOffer,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import MARQUION, Factory


@pytest.fixture
def adviser(client: CheckingClient, make: Factory) -> Account:
    """A signed-in adviser, a trade with its skills, and two communes."""
    account = make.account(Role.ADVISER)
    occupation = make.occupation("F1705", "Canalisateur")
    make.core_skill(occupation, "tp.poser", label="Poser une canalisation")
    make.core_skill(occupation, "tp.blinder", label="Blinder une tranchée")
    make.credential_type("aipr_op", "AIPR opérateur")
    make.commune(MARQUION)
    make.commune()
    sign_in(client, make.session, account)
    return account


@pytest.fixture
def draft(adviser: Account, client: CheckingClient, session: Session) -> JobOffer:
    """A draft just begun."""
    response = client.post("/offres/nouvelle")
    assert response.status_code == 303
    return session.scalars(select(JobOffer)).one()
