"""The figures of the evaluation page are those of a real run (timings aside)."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from benchmarks import evaluation


@pytest.fixture(scope="module")
def run() -> dict[str, str]:
    """What depends neither on the machine nor on the portal, computed once."""
    return evaluation.deterministic()


@pytest.fixture(scope="module")
def written() -> dict[str, str]:
    """The blocks of the page."""
    return evaluation.blocks_of(evaluation.PAGE.read_text("utf-8"))


@pytest.mark.parametrize("block", ["correctness", "concentration", "bars", "seeds"])
def test_the_figures_of_the_page_are_those_of_the_run(
    run: dict[str, str], written: dict[str, str], block: str
) -> None:
    assert written[block] == run[block], "run: python -m benchmarks.evaluation"


def test_the_picture_is_drawn_from_the_run_and_says_what_it_shows(run: dict[str, str]) -> None:
    drawn = evaluation.PICTURE.read_text("utf-8")
    assert drawn == run["picture"], "run: python -m benchmarks.evaluation"
    root = ElementTree.fromstring(drawn)
    assert root.get("role") == "img"
    told = {child.get("id"): child.text or "" for child in root if child.get("id")}
    assert set((root.get("aria-labelledby") or "").split()) == set(told) == {"title", "desc"}
    assert "never" in told["desc"]


def test_every_block_of_the_page_is_written_by_the_run(
    run: dict[str, str], written: dict[str, str]
) -> None:
    assert written.keys() == {*run.keys() - {"picture"}, "run", "swaps"}
    assert "cores" in written["run"]


def test_a_page_keeps_what_is_outside_the_marks() -> None:
    page = "before\n<!-- figures: a -->\nold\n<!-- end -->\nafter\n"
    new = evaluation.rewritten(page, {"a": "| new |"})
    assert new == page.replace("old", "| new |")
    assert evaluation.blocks_of(new) == {"a": "| new |"}
    with pytest.raises(KeyError):
        evaluation.rewritten(page, {})
