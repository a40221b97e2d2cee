"""An offer and somebody to present for it."""

from __future__ import annotations

import pytest

from portal.models import (
    Account,
    JobOffer,
    Person,
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
    """An open offer of two people at most, that asks one skill."""
    row = make.offer(adviser, title="Canalisateur", max_introductions=2)
    make.requires(row, make.skill("tp.poser", "Poser un tuyau"))
    make.session.commit()
    return row


@pytest.fixture
def person(adviser: Account, make: Factory) -> Person:
    """A person of the adviser's portfolio."""
    row = make.person(referent=adviser, first_name="Nadia", last_name="Moreau", modes="car")
    make.knows(row, make.skill("tp.poser", "Poser un tuyau"), 2)
    make.session.commit()
    return row
