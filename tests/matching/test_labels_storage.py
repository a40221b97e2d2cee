"""A built index on disk: the same answers, and never another file's."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.labels.resolver import About, EverydayWord, Label, LabelIndex
from matching.labels.storage import FORMAT, StoredIndexError, read, write

LABELS = [
    Label("BUILD", "Maçon / Maçonne"),
    Label("BUILD", "Ouvrier / Ouvrière\nde la maçonnerie"),
    Label("LORRY", "Chauffeur / Chauffeuse de poids lourd"),
    Label("CLEAN", "Agent / Agente de propreté"),
]
QUERIES = ("maçonne", "chaufeur pl", "camion", "nettoyer des locaux", "agent", "")


def build() -> LabelIndex:
    return LabelIndex.build(
        LABELS,
        [EverydayWord("camionneur", ("LORRY",))],
        light={"faire"},
        about=[About("CLEAN", "Nettoyer des locaux et des vitres", 2)],
        families={"CLEAN": "F", "BUILD": "F"},
    )


def test_a_saved_index_answers_the_same(tmp_path: Path) -> None:
    built = build()
    built.save(tmp_path / "index")
    loaded = LabelIndex.load(tmp_path / "index")
    assert len(loaded) == len(built) == 3
    for query in QUERIES:
        for unit in ("id", "label"):
            assert loaded.resolve(query, unit=unit) == built.resolve(query, unit=unit)  # type: ignore[arg-type]


def test_the_same_labels_give_the_same_bytes(tmp_path: Path) -> None:
    build().save(tmp_path / "one")
    LabelIndex.load(tmp_path / "one").save(tmp_path / "two")
    for name in ("arrays.bin", "index.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_an_index_without_labels_is_saved_too(tmp_path: Path) -> None:
    LabelIndex.build([]).save(tmp_path)
    assert LabelIndex.load(tmp_path).resolve("maçon") == ()


def test_arrays_are_mapped_and_cannot_be_written(tmp_path: Path) -> None:
    write(tmp_path, {"numbers": np.arange(6, dtype=np.int32).reshape(2, 3), "names": ["é\n", ""]})
    parts = read(tmp_path)
    numbers = parts["numbers"]
    assert isinstance(numbers, np.ndarray)
    assert numbers.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert parts["names"] == ["é\n", ""]
    with pytest.raises(ValueError, match="read-only"):
        numbers[0, 0] = 9


def test_what_is_not_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StoredIndexError):
        LabelIndex.load(tmp_path / "nothing")
    (tmp_path / "index.json").write_text("not json")
    with pytest.raises(StoredIndexError):
        LabelIndex.load(tmp_path)


@pytest.mark.parametrize("name", ["arrays.bin", "index.json"])
def test_a_damaged_file_is_refused(tmp_path: Path, name: str) -> None:
    build().save(tmp_path)
    content = bytearray((tmp_path / name).read_bytes())
    content[-2] ^= 1
    (tmp_path / name).write_bytes(bytes(content))
    with pytest.raises(StoredIndexError, match="digest"):
        LabelIndex.load(tmp_path)


def test_another_format_is_refused(tmp_path: Path) -> None:
    build().save(tmp_path)
    head, _, body = (tmp_path / "index.json").read_text().partition("\n")
    other = json.dumps(json.loads(head) | {"format": FORMAT + 1})
    (tmp_path / "index.json").write_text(f"{other}\n{body}")
    with pytest.raises(StoredIndexError, match="format"):
        LabelIndex.load(tmp_path)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=6, unique=True))
def test_any_labels_survive(tmp_path: Path, texts: list[str]) -> None:
    built = LabelIndex.build([Label(str(i), text) for i, text in enumerate(texts)])
    built.save(tmp_path)
    loaded = LabelIndex.load(tmp_path)
    for text in texts:
        assert loaded.resolve(text) == built.resolve(text)
