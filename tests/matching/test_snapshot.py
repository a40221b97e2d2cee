"""An index read from disk answers as the one that was written, and a damaged one is refused."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.match.worlds import build
from matching import explain, rank_offers, rank_people
from matching import index as index_module
from matching.index import Index
from matching.snapshot import StoredIndexError, packing, read_index, write_index
from tests.matching.test_tables import assert_same_answers
from tests.matching.worlds import index_of, worlds
from tests.reference.reference import World

quick = settings(max_examples=15, deadline=None)


@pytest.fixture(autouse=True, scope="module")
def cut_even_few() -> Iterator[None]:
    """Small worlds take the path of large ones: cut out of the table, not built again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(index_module, "_FEW", 0)
        yield


def through_disk(index: Index) -> Index:
    """The index once written and read again."""
    with tempfile.TemporaryDirectory() as folder:
        write_index(Path(folder) / "one", index, {"by": "the test"})
        found, about = read_index(Path(folder) / "one")
    assert about == {"by": "the test"}
    return found


@quick
@given(worlds())
def test_what_is_read_is_what_was_written(world: World) -> None:
    index = index_of(world)
    found = through_disk(index)
    assert list(found.people.people) == world.people
    assert list(found.offers.offers) == world.offers
    assert found.sessions.sessions == index.sessions.sessions
    assert found.communes == index.communes
    assert found.taxonomy == index.taxonomy
    assert_same_answers(found, index, world)
    for person, offer in zip(world.people, world.offers, strict=False):
        assert explain(found, person, offer) == explain(index, person, offer)


@quick
@given(worlds(), worlds(size=2))
def test_it_is_changed_like_another(world: World, other: World) -> None:
    index = index_of(world)

    def changed(one: Index) -> Index:
        one = one.with_person(other.people[0]).with_people(other.people[:2])
        one = one.with_offer(other.offers[0]).with_sessions(other.sessions)
        return one.among({p.id for p in [*world.people, *other.people][1:]})

    found = changed(through_disk(index))
    assert_same_answers(found, changed(index), other)
    # What was changed is written again like the rest.
    assert_same_answers(through_disk(found), found, other)


@quick
@given(worlds(), st.integers(1, 40), st.booleans())
def test_on_another_day_it_answers_as_built_on_that_day(
    world: World, days: int, changed: bool
) -> None:
    """Some people are available from the day itself, whichever it is; a change comes after."""
    day, undated = world.today + timedelta(days=days), world.people[::2]

    def on(today: date) -> World:
        dated = [replace(one, available_from=today) if one in undated else one for one in people]
        return replace(world, people=dated, today=today)

    people = world.people
    known, built = on(world.today), index_of(on(day))
    found = through_disk(index_of(known)).on(day, {one.id for one in undated})
    assert list(found.people.people) == list(built.people.people)
    if changed:
        late = replace(world.offers[0], posts=world.offers[0].posts + 1)
        found, built = (
            one.with_offer(late).with_person(people[0]).with_sessions(world.sessions[1:])
            for one in (found, built)
        )
    assert_same_answers(found, built, on(day))
    assert_same_answers(through_disk(found), built, on(day))


@quick
@given(worlds())
def test_what_is_read_again_under_another_taxonomy_answers_as_built_under_it(world: World) -> None:
    groups = {"roads": "metal", "metal": None}
    skills = {
        code: replace(one, group=groups.get(one.group or "", one.group))
        for code, one in world.taxonomy.skills.items()
    }
    taxonomy = replace(world.taxonomy, skills=skills)
    found = through_disk(index_of(world)).with_taxonomy(taxonomy)
    found = found.with_people(world.people).with_sessions(world.sessions).with_offers(world.offers)
    built = index_of(replace(world, taxonomy=taxonomy))
    assert_same_answers(found, built, world)


def test_a_larger_world_read_and_cut() -> None:
    land = build(300, 150, 40)
    index = Index.build(
        land.people, land.offers, land.sessions, land.communes, land.taxonomy, land.today
    )
    found = through_disk(index)
    some = {person.id for person in land.people[::3]}
    jobs = {offer.id for offer in land.offers[::2]}
    cut, known = (one.among(some).with_offers_among(jobs) for one in (found, index))
    for offer in land.offers[:10]:
        assert rank_people(cut, offer) == rank_people(known, offer)
    for person in land.people[:10]:
        assert rank_offers(cut, person) == rank_offers(known, person)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A written index of a small world."""
    land = build(20, 10, 5)
    index = Index.build(
        land.people, land.offers, land.sessions, land.communes, land.taxonomy, land.today
    )
    write_index(tmp_path / "one", index, {})
    read_index(tmp_path / "one")
    return tmp_path / "one"


@pytest.mark.parametrize("name", ["arrays.bin", "index.json"])
@pytest.mark.parametrize("at", [0.0, 0.3, 0.6, 0.99])
def test_a_bit_turned_anywhere_is_refused(folder: Path, name: str, at: float) -> None:
    content = bytearray((folder / name).read_bytes())
    content[int(at * len(content))] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(StoredIndexError):
        read_index(folder)


@pytest.mark.parametrize("name", ["arrays.bin", "index.json"])
def test_a_file_cut_short_or_missing_is_refused(folder: Path, name: str) -> None:
    content = (folder / name).read_bytes()
    (folder / name).write_bytes(content[: len(content) // 2])
    with pytest.raises(StoredIndexError):
        read_index(folder)
    (folder / name).unlink()
    with pytest.raises(StoredIndexError):
        read_index(folder)


def test_tables_of_another_version_are_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "TABLES", packing.TABLES[1:])
    with pytest.raises(StoredIndexError, match="another version"):
        read_index(folder)


def test_arrays_are_those_of_the_file_which_nothing_changes(folder: Path) -> None:
    found, _ = read_index(folder)
    content, place = (folder / "arrays.bin").read_bytes(), found.people.place
    assert not place.flags.owndata
    updated = found.with_person(replace(found.people.people[0], max_minutes=5))
    assert updated.people.max_minutes[0] == 5
    assert np.array_equal(updated.people.place, place)
    place[0] += 1
    assert (folder / "arrays.bin").read_bytes() == content
    head = json.loads((folder / "index.json").read_text("utf-8").partition("\n")[0])
    assert set(head) == {"format", "digest"}


def test_tables_that_other_code_filled_are_refused(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = tmp_path / "package"
    (changed / "bulk").mkdir(parents=True)
    (changed / "bulk" / "layout.py").write_text("the same fields, filled otherwise")
    monkeypatch.setattr(packing, "_SOURCES", packing._sources(changed))
    with pytest.raises(StoredIndexError, match="another version"):
        read_index(folder)
