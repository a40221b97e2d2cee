"""The limits of the law hold when several write at once, on SQLite and on PostgreSQL (INV-06)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from portal import clock
from portal.access.actor import Actor
from portal.db import Database
from portal.immersions import queries, recording
from portal.immersions.judging import list_prescribers
from portal.immersions.recording import NotLegalError
from portal.models import Account, Establishment, Immersion, Occupation, Organisation, Person
from tests.portal.immersions.conftest import Place, actor_of, make_place
from tests.support.factories import Factory


def prepare_at_once(database: Database, ids: tuple[int, int, int], number: int) -> str:
    """One of several professionals who prepare the same person's convention together."""
    account_id, person_id, firm_id = ids
    with database.session() as session:
        account = session.get_one(Account, account_id)
        place = Place(
            session=session,
            make=Factory(session),
            adviser=account,
            referent=account,
            departement=session.scalars(select(Organisation)).first(),  # type: ignore[arg-type]
            employer=account,
            firm=session.get_one(Establishment, firm_id),
            occupation=session.scalars(select(Occupation)).one(),
            person=session.get_one(Person, person_id),
        )
        start = clock.today() + timedelta(days=14 + 20 * number)
        draft = place.draft(start=start, objectives=f"Objectifs {number}")
        try:
            recording.record_immersion(session, Actor(account, account.memberships[0]), draft=draft)
        except NotLegalError as error:
            session.rollback()
            return error.breaches[0].rule
        session.commit()
        return "kept"


def test_two_conventions_are_kept_of_eight_asked_at_once(any_database: Database) -> None:
    with any_database.session() as session:
        place = make_place(Factory(session))
        ids = (place.referent.id, place.person.id, place.firm.id)
        session.commit()
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: prepare_at_once(any_database, ids, n), range(8)))
    assert sorted(found) == ["P4"] * 6 + ["kept"] * 2
    with any_database.session() as session:
        assert session.scalar(select(func.count(Immersion.id))) == 2


def test_what_is_asked_of_the_database(any_database: Database) -> None:
    with any_database.session() as session:
        place = make_place(Factory(session))
        row = place.validated()
        actor = actor_of(place.referent)
        opened = queries.get_immersion(session, actor, row.public_id)
        assert opened is not None
        assert opened.manages
        assert opened.prescribes
        for view in queries.VIEWS:
            queries.list_followed(session, actor, view, 1)
        assert queries.list_followed(session, actor, "current", 1).page.rows == [row]
        assert queries.list_of_person(session, actor, place.person) == [row]
        hosted = queries.list_hosted(session, row.establishment_id, 1)
        assert hosted.rows == [row]
        names = [found.name for found in list_prescribers(session, "62", clock.today())]
        assert "Département du Pas-de-Calais" in names
        assert not any("platform" in name for name in names)


@pytest.mark.parametrize("departement", [None, "80"])
def test_nobody_prescribes_where_no_structure_is_known(
    any_database: Database, departement: str | None
) -> None:
    with any_database.session() as session:
        make_place(Factory(session))
        assert list_prescribers(session, departement, clock.today()) == []
