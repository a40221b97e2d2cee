"""The same link, the same code, at the same moment: one wins, on both databases (T-SEC-04)."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from sqlalchemy import func, select

from portal.app import create_app
from portal.config import Settings
from portal.db import Database
from portal.doors import codes
from portal.doors.links import make_link
from portal.models import DoorSession, LinkPurpose, OneTimeCode, Person
from tests.portal.doors.support import KEY, last_code, path_of
from tests.support.client import client_for
from tests.support.factories import Factory

AT_ONCE = 4


def together(work: Callable[[], int | bool]) -> list[int | bool]:
    """What the same work answers in several threads that start together."""
    gate = Barrier(AT_ONCE)

    def run(_number: int) -> int | bool:
        gate.wait(timeout=30)
        return work()

    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(run, range(AT_ONCE)))


def test_a_link_opened_by_several_at_once_opens_once(
    any_database: Database, tmp_path: Path
) -> None:
    settings = Settings(
        home=tmp_path,
        database_url=str(any_database.engine.url),
        secret_key=KEY,
        testing=True,
        secure_cookies=False,
    )
    app = create_app(settings, any_database)
    app.config["WTF_CSRF_ENABLED"] = False
    client_for(app)
    with any_database.session() as session:
        make = Factory(session)
        person = make.person(referent=make.account())
        link = make_link(session, purpose=LinkPurpose.PERSON_SPACE, to=person)
        session.commit()
        path = path_of(link)
    answers = together(lambda: app.test_client().post(path).status_code)
    assert sorted(answers) == [303] + [410] * (AT_ONCE - 1)
    with any_database.session() as session:
        assert session.scalar(select(func.count(DoorSession.id))) == 1


def test_a_right_code_typed_by_several_at_once_serves_once(any_database: Database) -> None:
    with any_database.session() as session:
        make = Factory(session)
        person = make.person(referent=make.account(), phone="0639980000")
        assert codes.send_code(session, KEY, to=person)
        session.commit()
        digits, person_id = last_code(session), person.id

    def work() -> bool:
        with any_database.session() as session:
            someone = session.get_one(Person, person_id)
        return codes.try_code(any_database, KEY, to=someone, typed=digits)

    assert sorted(together(work)) == [False] * (AT_ONCE - 1) + [True]
    with any_database.session() as session:
        assert session.scalars(select(OneTimeCode)).one().used_at is not None


def test_a_burst_of_tries_counts_each_of_them(any_database: Database) -> None:
    with any_database.session() as session:
        make = Factory(session)
        person = make.person(referent=make.account(), phone="0639980000")
        codes.send_code(session, KEY, to=person)
        session.commit()
        wrong = f"{(int(last_code(session)) + 1) % 10**6:06}"
        person_id = person.id

    def work() -> bool:
        with any_database.session() as session:
            someone = session.get_one(Person, person_id)
        return codes.try_code(any_database, KEY, to=someone, typed=wrong)

    for _ in range(2):
        assert not any(together(work))
    with any_database.session() as session:
        assert session.scalars(select(OneTimeCode.tries)).one() == codes.TRIES
