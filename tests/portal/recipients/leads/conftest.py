"""Somebody in their space, and who follows them."""

from __future__ import annotations

import pytest

from portal.db import Database
from portal.models import (
    Account,
    Person,
    Role,
)
from tests.support.client import CheckingClient
from tests.support.doors import enter
from tests.support.factories import Factory


@pytest.fixture
def adviser(make: Factory) -> Account:
    """An adviser of a platform of Pas-de-Calais."""
    return make.account(Role.ADVISER)


@pytest.fixture
def referent(make: Factory) -> Account:
    """The professional who follows the person."""
    return make.account(Role.REFERENT, first_name="Jeanne", last_name="Petit", phone="0321000000")


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    """A person who comes by car."""
    row = make.person(referent=referent, modes="car", max_minutes=90)
    make.session.commit()
    return row


@pytest.fixture
def visit(client: CheckingClient, database: Database, person: Person) -> CheckingClient:
    """The person's browser."""
    enter(client, database, person)
    return client
