"""Who imports."""

from __future__ import annotations

import pytest

from portal.db import Database
from tests.portal.imports_people.support import departement


@pytest.fixture
def owner(database: Database) -> int:
    """A Département that imports, in a database with a small reference."""
    return departement(database)
