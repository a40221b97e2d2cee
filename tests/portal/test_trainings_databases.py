"""The catalogue and the plan of a project ask the same of SQLite and PostgreSQL."""

from __future__ import annotations

import pytest

from portal.access.actor import Actor
from portal.db import Database
from portal.models import ProgramOccupation, Role
from portal.projects.queries import list_sessions_by_occupation, load_sessions
from portal.trainings.queries import list_sessions
from portal.trainings.searching import CatalogueFilters, understand
from tests.support.factories import AMIENS, ARRAS, Factory


@pytest.mark.parametrize("role", [Role.ADVISER, Role.TRAINING])
def test_filters_find_the_same_session(any_database: Database, role: Role) -> None:
    with any_database.transaction() as session:
        make = Factory(session)
        account = make.account(role)
        occupation = make.occupation("H2913", "Soudeur")
        near = make.session_of_training(title="Assemblage 100 % métal", place=ARRAS)
        near.action.program.occupations.append(
            ProgramOccupation(rome_code="H2913", occupation_code=occupation.code)
        )
        make.session_of_training(title="Soudeur", place=AMIENS)
        session.flush()
        filters = CatalogueFilters(
            trade="soudeur", place="Arras", with_seats=True, only_new=True, portfolio=True
        )
        found = list_sessions(
            session,
            Actor(account, account.memberships[0]),
            filters,
            understand(session, filters),
            matching=[near.public_id],
            number=1,
        )
        assert [row.public_id for row in found.page.rows] == [near.public_id]
        assert found.new_count == 2
        by_code = list_sessions_by_occupation(session, ["H2913", "F1702"])
        assert [row.id for row in load_sessions(session, by_code["H2913"])] == [near.id]
