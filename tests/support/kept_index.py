"""A territory whose index is kept on disk, and the processes that serve it."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any, Self

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.matchmaking import building
from portal.matchmaking.world import World, WorldCache
from portal.models import JobOffer, Role
from tests.support.factories import AMIENS, LENS, MARQUION, Factory
from tests.support.index_process import lists_of
from tests.support.processes import Running


def fill_territory(session: Session) -> JobOffer:
    """Offers, sessions and people who know this and that; the first offer."""
    make = Factory(session)
    adviser = make.account(Role.ADVISER)
    skills = [make.skill(f"tp.{n}", f"Geste {n}") for n in range(3)]
    offers = [make.offer(adviser) for _ in range(3)]
    for number, offer in enumerate(offers):
        for skill in skills[: number + 1]:
            make.requires(offer, skill)
    for number, place in enumerate((MARQUION, LENS, AMIENS, MARQUION)):
        person = make.person(referent=adviser, modes="car", place=place, shared_on=clock.today())
        for skill in skills[: number % 3 + 1]:
            make.knows(person, skill, (number + 1) % 4)
    make.session_of_training(teaches={"tp.1": 2, "tp.2": 3}, place=MARQUION)
    session.commit()
    return offers[0]


def count_readings(monkeypatch: pytest.MonkeyPatch, *modules: ModuleType) -> list[int]:
    """One element per reading of every row that these modules ask for from now on."""
    seen: list[int] = []

    def build(*arguments: Any) -> World:
        seen.append(1)
        return building.build_world(*arguments)

    for module in modules:
        monkeypatch.setattr(module, "build_world", build)
    return seen


class Process:
    """What a process of the server keeps of the database: a cache of its own."""

    def __init__(self, session: Session, folder: Path | None) -> None:
        self.session, self.cache = session, WorldCache(session.get_bind().engine, folder)

    def world(self) -> World:
        return self.cache.world(self.session)

    def lists(self) -> dict[str, Any]:
        return lists_of(self.world().index)


def generation(folder: Path) -> Path:
    """The one generation kept, with nothing half made beside it."""
    (shelf,) = (path for path in folder.iterdir() if path.is_dir())
    found = shelf / (shelf / "current").read_text("ascii")
    assert {path.name for path in shelf.iterdir()} == {found.name, "current", "lock"}
    return found


class Beside:
    """A real process, told what to do."""

    def __init__(self, database: Database, folder: Path, *stop: str) -> None:
        url = database.engine.url.render_as_string(hide_password=False)
        self.process = Running("tests.support.index_process", url, folder, *stop)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.__exit__(*error)

    def tell(self, command: str) -> Any:
        self.process.tell(command)
        return self.answer()

    def answer(self) -> Any:
        return json.loads(self.process.line())
