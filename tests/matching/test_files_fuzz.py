"""Whatever the bytes, a loader gives records or a ``FileError`` of one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matching.files import (
    FileError,
    read_communes,
    read_offers,
    read_people,
    read_sessions,
)
from tests.matching.good_files import COMMUNES, OFFER, PERSON, SESSION

quick = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
READERS: list[tuple[Callable[[Path], object], dict[str, object]]] = [
    (read_people, PERSON),
    (read_offers, OFFER),
    (read_sessions, SESSION),
]


def read_or_refuse(read: Callable[[Path], object], path: Path) -> None:
    refusal = ""
    try:
        read(path)
    except FileError as error:
        refusal = str(error)
    assert refusal == "" or (str(path) in refusal and len(refusal.splitlines()) == 1)


@quick
@given(content=st.binary(max_size=200))
@pytest.mark.parametrize("read", [read_people, read_communes])
def test_any_bytes(read: Callable[[Path], object], content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    read_or_refuse(read, path)


@quick
@given(data=st.data())
@pytest.mark.parametrize(("read", "good"), READERS)
def test_a_good_record_with_any_value_in_any_key(
    read: Callable[[Path], object], good: dict[str, object], data: st.DataObject, tmp_path: Path
) -> None:
    key = data.draw(st.sampled_from(sorted(good)) | st.text(max_size=6))
    path = tmp_path / "file"
    path.write_text(json.dumps({**good, key: data.draw(values)}) + "\n")
    read_or_refuse(read, path)


@quick
@given(start=st.integers(0, len(COMMUNES)), piece=st.text(max_size=10))
def test_a_csv_with_any_text_put_in(start: int, piece: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    text = COMMUNES[:start] + piece + COMMUNES[start:]
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    read_or_refuse(read_communes, path)
