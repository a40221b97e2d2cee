"""An offer and its adviser."""

from __future__ import annotations

import pytest

from portal.models import (
    Account,
    JobOffer,
    Role,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory


@pytest.fixture
def adviser(client: CheckingClient, make: Factory) -> Account:
    """A signed-in adviser."""
    account = make.account(Role.ADVISER)
    sign_in(client, make.session, account)
    return account


@pytest.fixture
def offer(adviser: Account, make: Factory) -> JobOffer:
    """An open offer at Marquion that asks one skill on the first day."""
    row = make.offer(adviser, title="Canalisateur VRD")
    make.requires(row, make.skill("tp.poser", "Poser un tuyau"))
    make.session.commit()
    return row
