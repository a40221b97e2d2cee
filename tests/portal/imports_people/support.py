"""What the tests of the import of people share."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.db import Database
from portal.models import (
    ImportKind,
    ImportRun,
    OrganisationKind,
    Person,
)
from tests.support.factories import Factory
from tests.support.import_files import (
    build_reference,
    import_with,
    people_csv,
)


def departement(database: Database) -> int:
    build_reference(database)
    with database.transaction() as session:
        identity: int = Factory(session).organisation(OrganisationKind.DEPARTEMENT).id
    return identity


def bring(
    database: Database,
    folder: Path,
    owner: int,
    *rows: Mapping[str, str],
    data: bytes | None = None,
    **options: object,
) -> ImportRun:
    path = folder / "personnes.csv"
    path.write_bytes(people_csv(*rows).encode() if data is None else data)
    return import_with(database, ImportKind.PEOPLE, path, organisation_id=owner, **options)


def only_person(session: Session) -> Person:
    return session.scalars(select(Person)).one()
