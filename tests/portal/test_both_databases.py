"""The demonstration, and every main page of every role, on SQLite and on PostgreSQL."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.models import (
    Account,
    Cohort,
    JobOffer,
    MajorProject,
    Membership,
    OfferState,
    Pathway,
    Person,
    Referral,
    Role,
    TrainingSession,
)
from tests.support.client import client_for, sign_in
from tests.support.databases import fill
from tests.support.postgres import PostgresServer


@pytest.fixture(scope="module")
def in_postgres(migrated_postgres: PostgresServer) -> Iterator[Database]:
    """The demonstration filled in PostgreSQL, once: the pages are only read."""
    migrated_postgres.recreate("filled", template="migrated")
    database = Database(migrated_postgres.url_of("filled"))
    fill(database)
    yield database
    database.dispose()


@pytest.fixture(scope="module")
def in_sqlite(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """That of another moment of the run, on SQLite."""
    path = shutil.copy(demo_file, tmp_path_factory.mktemp("demo") / "demo.sqlite3")
    database = Database(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", "postgres"])
def filled(request: pytest.FixtureRequest) -> Database:
    """The demonstration in a database of each kind: the test runs once on each."""
    database: Database = request.getfixturevalue(f"in_{request.param}")
    return database


@pytest.fixture
def demo(filled: Database, tmp_path: Path) -> Flask:
    """The portal over a filled demonstration."""
    settings = Settings(
        home=tmp_path,
        database_url="given",
        secret_key="for tests only",
        demo=True,
        testing=True,
        secure_cookies=False,
    )
    return create_app(settings, filled)


def addresses(database: Database, account: Account) -> list[str]:
    """Pages of lists, then pages about rows that this account may see."""
    with database.session() as session:
        place = account.memberships[0].organisation_id
        offer = session.scalars(
            select(JobOffer.public_id)
            .where(JobOffer.organisation_id == place, JobOffer.state == OfferState.OPEN)
            .order_by(JobOffer.id)
        ).first()
        followed = select(Referral.person_id).where(Referral.organisation_id == place)
        person = session.scalars(select(Person.public_id).where(Person.id.in_(followed))).first()
        pathway = session.scalars(
            select(Pathway.public_id).where(Pathway.person_id.in_(followed))
        ).first()
        training = session.scalars(select(TrainingSession.public_id)).first()
        project = session.scalars(select(MajorProject.code)).first()
    pages = ["/", "/comment-ca-marche", "/compte/"]
    role = account.memberships[0].role
    if role in (Role.ADVISER, Role.REFERENT):
        pages += ["/offres", "/personnes", "/parcours", "/formations", "/grands-projets"]
        if person:
            parts = ("", "/competences", "/pistes", "/suivi", "/parcours")
            pages += [f"/personnes/{person}{part}" for part in parts]
        pages += [f"/formations/{training}", f"/grands-projets/{project}"]
        pages += ["/positionnements", f"/formations/{training}/positionnements"]
        pages += [f"/offres/{offer}"] if offer else []
        pages += [f"/parcours/{pathway}"] if pathway else []
    if role is Role.HUB:
        pages += hub_pages(database, place)
    if role is Role.EMPLOYER:
        pages += ["/entreprise", "/entreprise/accueils"]
    if role is Role.ADMIN:
        pages += ["/imports/", "/imports/liens", "/comptes/"]
    return pages


def hub_pages(database: Database, hub_id: int) -> list[str]:
    """The list of cohorts, and the pages of each one of a hub."""
    parts = ("", "/engagements", "/dates", "/session", "/invitations", "/personnes", "/equite")
    with database.session() as session:
        cohorts = session.scalars(select(Cohort).filter_by(hub_id=hub_id)).all()
        pages = [f"/hubs/{row.public_id}{part}" for row in cohorts for part in parts]
        for row in cohorts:
            members = [f"/hubs/{row.public_id}/personnes/{m.public_id}" for m in row.memberships]
            pages += members[:2]
    return ["/hubs", "/hubs/nouvelle", *pages]


def test_every_main_page_of_every_role_opens(demo: Flask, filled: Database) -> None:
    with filled.session() as session:
        accounts = session.scalars(
            select(Account).join(Membership).where(Account.demo).order_by(Account.id)
        ).all()
        for account in accounts:
            client = sign_in(client_for(demo), session, account)
            for address in addresses(filled, account):
                response = client.get(address)
                assert response.status_code == 200, f"{account.email} {address}"


def test_the_territory_is_the_same_twice_on_the_same_day(
    in_postgres: Database, in_sqlite: Database
) -> None:
    """And on both databases; on SQLite twice: ``test_demo_doors``."""
    with in_postgres.session() as session:
        here = _people(session)
    with in_sqlite.session() as session:
        there = _people(session)
    assert len(here) >= 300
    assert here == there


def _people(session: Session) -> list[tuple[str, str, str]]:
    rows = select(Person.public_id, Person.first_name, Person.last_name).order_by(Person.id)
    return [tuple(row) for row in session.execute(rows)]
