"""Going back one migration leaves what was there before it."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Engine, func, insert, select

from portal import assets, clock
from portal.db import Database
from portal.models import Interest, Person
from tests.support.factories import Factory


def move(engine: Engine, revision: str, *, back: bool = False) -> None:
    """Apply or undo migrations, as somebody does by hand."""
    config = Config()
    config.set_main_option("script_location", str(assets.MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        (command.downgrade if back else command.upgrade)(config, revision)


def test_taking_the_doors_away_keeps_the_files_of_people(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'base.sqlite3'}")
    move(database.engine, "head")
    with database.session() as session:
        person = Factory(session).person()
        occupation = Factory(session).occupation()
        session.flush()
        session.execute(
            insert(Interest).values(
                person_id=person.id,
                occupation_code=occupation.code,
                liking=1,
                recorded_on=clock.today(),
            )
        )
        session.commit()
    move(database.engine, "0001", back=True)
    move(database.engine, "head")
    with database.session(read_only=True) as session:
        counts = [session.scalar(select(func.count()).select_from(t)) for t in (Person, Interest)]
    database.dispose()
    assert counts == [1, 1]
