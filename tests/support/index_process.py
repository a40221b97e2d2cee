"""A process of its own that keeps an index as one of the server does, and does what it is told.

``python -m tests.support.index_process URL FOLDER [STOP]``: each line of its input is a command,
each answer a line of JSON. With STOP it makes an index and waits for ever at that function of the
shelf, for a test to kill it there.
"""

from __future__ import annotations

import json
import sys
import threading
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, update
from sqlalchemy.orm import Session

from matching import Index, rank_offers, rank_people
from portal import clock, config
from portal.db import Database
from portal.matchmaking import generations, shelf
from portal.matchmaking.generations import make_generation
from portal.matchmaking.world import WorldCache
from portal.models import SkillAssertion


def lists_of(index: Index) -> dict[str, Any]:
    """Every list of every person and every offer, as plain values."""
    people = {
        person.id: [
            [pair.offer, pair.group.value, str(pair.ready_by), pair.minutes] for pair in pairs
        ]
        for person in index.people.people
        for pairs in [rank_offers(index, person).offers]
    }
    offers = {
        offer.id: [[pair.person, pair.group.value, pair.unknown, pair.gap] for pair in pairs]
        for offer in index.offers.offers
        for pairs in [rank_people(index, offer).people]
    }
    return {"people": people, "offers": offers}


def _obey(session: Session, cache: WorldCache, words: list[str]) -> Any:
    if words[0] == "lists":
        with session.begin():
            return lists_of(cache.world(session).index)
    if words[0] == "level":
        with session.begin():
            values = {"level": int(words[1]), "updated_at": clock.now()}
            session.execute(update(SkillAssertion).values(values))
        return "written"
    raise ValueError(words[0])


def _make_until(engine: Engine, folder: Path, stop: str) -> None:
    kept = shelf.shelf_of(engine, folder)
    assert kept is not None

    def wait(*_: object) -> None:
        print(json.dumps("there"), flush=True)
        threading.Event().wait()

    owners = {"_name": shelf.Shelf, "_record": generations}
    setattr(owners.get(stop, shelf), stop, wait)
    with kept.alone():
        make_generation(engine, kept)


def main() -> None:
    """Do what is asked until the input ends."""
    config.SMALL_TERRITORY = 0
    url, folder = sys.argv[1], Path(sys.argv[2])
    database = Database(url)
    if len(sys.argv) > 3:
        _make_until(database.engine, folder, sys.argv[3])
    cache = WorldCache(database.engine, folder)
    with database.session() as session:
        for line in sys.stdin:
            print(json.dumps(_obey(session, cache, line.split())), flush=True)


if __name__ == "__main__":
    main()
