"""What is compiled is kept for these very sources."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from matching.bulk import jit


@pytest.fixture(autouse=True)
def forgotten() -> Iterator[None]:
    jit._digest.cache_clear()
    yield
    jit._digest.cache_clear()


def test_a_change_in_any_file_of_the_loops_leaves_what_was_compiled_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jit, "_HERE", tmp_path)
    caller, called = tmp_path / "caller.py", tmp_path / "called.py"
    caller.write_text("from called import step")
    called.write_text("def step(x): return x + 1")
    config = type("Config", (), {"CACHE_DIR": ""})()
    with jit._kept_in(config):
        before = config.CACHE_DIR
    called.write_text("def step(x): return x + 2")
    jit._digest.cache_clear()
    with jit._kept_in(config):
        assert before != config.CACHE_DIR
        assert Path(before).parent == tmp_path / "__pycache__"
    assert config.CACHE_DIR == ""


def test_a_folder_given_for_compiled_code_is_respected() -> None:
    config = type("Config", (), {"CACHE_DIR": "/given"})()
    with jit._kept_in(config):
        assert Path(config.CACHE_DIR).parent == Path("/given")
    assert config.CACHE_DIR == "/given"


@pytest.mark.parametrize(("told", "expected"), [("1", "False"), ("0", "True")])
def test_loops_that_numba_leaves_plain_are_not_taken_for_compiled(told: str, expected: str) -> None:
    pytest.importorskip("numba")
    asked = [sys.executable, "-c", "from matching.bulk import jit; print(jit.COMPILED)"]
    done = subprocess.run(
        asked, env={**os.environ, "NUMBA_DISABLE_JIT": told}, capture_output=True, text=True
    )
    assert done.stdout.strip() == expected


_BOTH_WAYS = """
from benchmarks.match.worlds import build
from matching.bulk.lists import best_offers
from matching.bulk.offer_lists import best_people
index = build(60, 60, 20, "departement", seed=5).indexed()
for lists in (best_offers, best_people):
    loops, columns = (lists(index, 2, compiled=one) for one in (True, False))
    print(all(a.tobytes() == b.tobytes() for a, b in zip(loops, columns, strict=True)))
"""


def test_loops_that_nothing_compiles_give_the_same_lists() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _BOTH_WAYS],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["True", "True"], done.stderr
