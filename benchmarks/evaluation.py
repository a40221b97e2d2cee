"""Make the figures of ``docs/evaluation.md`` again: ``python -m benchmarks.evaluation``.

Runs the engine against the reference, the swap tests and the simulation of concentration, writes
each result between the marks of its block, and draws ``docs/pictures/concentration.svg``. The
block ``run`` says on what machine and in how many seconds; it is the only one that may differ
from a machine to another: tests compare the others, that of the swaps where they are made
(``tests/portal/test_fairness_swaps.py``). ``--check`` writes nothing and exits 1
when a block is not what the run gives.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from benchmarks import concentration, swaps, territory
from benchmarks.concentration_figures import bars_of, table, table_of_seeds
from benchmarks.concentration_picture import draw_bars, table_of_bars
from matching import Pair, rank_offers, rank_people
from tests.reference import reference
from tests.reference.reference import ReferencePair, World

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "evaluation.md"
PICTURE = ROOT / "docs" / "pictures" / "concentration.svg"
BLOCK = re.compile(r"(<!-- figures: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
#: Seeds of the worlds, how many people, offers and sessions each, and lists read both ways.
WORLDS, SIZE, LISTS = (1, 2, 3), 150, 20
Blocks = Mapping[str, str]


def correctness() -> str:
    """The engine's lists against those of the reference, line by line."""
    lists = pairs = different = 0
    for seed in WORLDS:
        made = territory.build(people=SIZE, offers=SIZE, sessions=SIZE, seed=seed)
        world, index = World(*made), made.indexed()
        for person, offer in list(zip(made.people, made.offers, strict=True))[:LISTS]:
            mine, theirs = rank_offers(index, person), rank_people(index, offer)
            for found, (expected, beyond) in (
                ((mine.offers, mine[2:]), reference.list_of_person(world, person)),
                ((theirs.people, theirs[2:]), reference.list_of_offer(world, offer)),
            ):
                lists += 1
                pairs += len(expected)
                different += lines_of(found[0]) != lines_of(expected) or found[1] != beyond
    return (
        "| Worlds | Lists compared | Pairs in them | Lists that differ |\n|---|---|---|---|\n"
        f"| {len(WORLDS)} of {SIZE} people, {SIZE} offers, {SIZE} sessions "
        f"| {lists} | {pairs:,} | {different} |"
    )


def lines_of(pairs: Iterable[Pair | ReferencePair]) -> list[tuple[object, ...]]:
    """What a list says, in its order."""
    return [
        (p.person, p.offer, str(p.group), p.ready_by, p.unknown, p.doubt, p.gap, p.desired_met)
        for p in pairs
    ]


def swapped() -> str:
    """The swap tests."""
    with swaps.empty_portal() as session:
        return swaps.table(swaps.run(session))


def shares() -> dict[str, str]:
    """The simulation: the picture's bytes are under ``picture``."""
    index = concentration.territory()
    found = [concentration.measure(index, seed) for seed in concentration.SEEDS]
    bars = bars_of(found[0])
    return {
        "concentration": table(found[0]),
        "bars": table_of_bars(bars),
        "seeds": table_of_seeds(found),
        "picture": draw_bars(bars),
    }


def deterministic() -> dict[str, str]:
    """The blocks that are the same on any machine, but swaps, and the picture."""
    return {"correctness": correctness(), **shares()}


def run_block(seconds: float) -> str:
    """What the figures were made on."""
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} cores, {seconds:.0f} s of "
        f"processor. Seeds: {', '.join(map(str, WORLDS))} (reference), "
        f"{swaps.swap_world.SEED} (swap tests), "
        f"{', '.join(map(str, concentration.SEEDS))} (concentration)."
    )


def blocks_of(page: str) -> dict[str, str]:
    """The blocks of a page, by name."""
    return {
        match[2]: match[0].removeprefix(match[1]).removesuffix(match[3]).strip()
        for match in BLOCK.finditer(page)
    }


def rewritten(page: str, blocks: Blocks) -> str:
    """The page with these blocks; ``KeyError`` for a mark that nothing fills."""
    replace: Callable[[re.Match[str]], str] = lambda m: f"{m[1]}{blocks[m[2]]}\n{m[3]}"  # noqa: E731
    return BLOCK.sub(replace, page)


def main() -> int:
    """Run, then write or check."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if a block differs")
    arguments = parser.parse_args()
    start = time.process_time()
    blocks = {**deterministic(), "swaps": swapped()}
    picture = blocks.pop("picture")
    page = PAGE.read_text("utf-8")
    if arguments.check:
        known = blocks_of(page)
        wrong = [name for name, text in blocks.items() if known.get(name) != text]
        wrong += ["picture"] * (PICTURE.read_text("utf-8") != picture)
        print("\n".join(f"differs: {name}" for name in wrong) or "every figure is the run's")
        return bool(wrong)
    blocks["run"] = run_block(time.process_time() - start)
    PAGE.write_text(rewritten(page, blocks), "utf-8")
    PICTURE.write_text(picture, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
