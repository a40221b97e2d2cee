"""Fit the curves of the resolver's confidence, and print how reliable they are.

    python -m benchmarks.resolve_confidence ../shared/data [--queries 900] [--seed 5]

Fitted on: held-out titles of one fold, and one half of Formacode's trade names. Checked on: the
held-out titles of another fold, the other half of Formacode, the titles of the sampled offers,
those of certifications, and titles with typing errors; none of them is used to fit. For skills:
fitted on blocks of certifications and on skills with typing errors, checked on others of both.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np
from sklearn.isotonic import IsotonicRegression

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import resolve_tasks as tasks
from matching.labels.confidence import OF_NAMES, OF_SENTENCES, confidences, leads, strength
from matching.labels.resolver import LabelIndex

DEPTH = 5
BINS = (0.0, 0.2, 0.4, 0.6, 0.7, 0.8, 1.01)
_POINTS = 12

Scored = list[tuple[list[float], list[bool]]]


def scored(task: tasks.Task) -> Scored:
    """The scores of the answers to each query, and which of them are right."""
    corpus = task.corpus
    index = LabelIndex.build(
        corpus.labels, corpus.lexicon, corpus.light, corpus.about, corpus.families
    )
    found = []
    for query, right in task.cases:
        matches = index.resolve(query, DEPTH)
        found.append(([m.score for m in matches], [m.id in right for m in matches]))
    return found


def curve(answers: Scored) -> list[tuple[float, float]]:
    """Points of the isotonic share of right answers by strength of the evidence."""
    pairs = [
        (strength(score, lead), float(good))
        for scores, right in answers
        for score, lead, good in zip(scores, leads(scores), right, strict=True)
    ]
    xs, ys = np.array(sorted(pairs)).T
    fitted = IsotonicRegression(out_of_bounds="clip").fit(xs, ys)
    # Where first answers are: steps made of a handful of answers are noise.
    first = [strength(scores[0], leads(scores)[0]) for scores, _ in answers if scores]
    edges = np.quantile(first, np.linspace(0, 1, _POINTS + 1))
    middles = [float(xs[0]), *((edges[:-1] + edges[1:]) / 2).tolist()]
    around = [xs[(xs >= x - 2) & (xs <= x + 2)] for x in middles]
    values = [
        float(fitted.predict(near if len(near) else [x]).mean())
        for x, near in zip(middles, around, strict=True)
    ]
    points = {round(x, 1): round(y, 3) for x, y in zip(middles, values, strict=True)}
    return sorted(points.items())


def reliability(task: tasks.Task, answers: Scored) -> list[str]:
    """Lines of the table: what was said of first answers, and how many were right."""
    curve = OF_SENTENCES if task.corpus.light else OF_NAMES
    first = [(confidences(scores, curve)[0], right[0]) for scores, right in answers if scores]
    lines = []
    for low, high in pairwise(BINS):
        among = [(said, right) for said, right in first if low <= said < high]
        if among:
            said = sum(value for value, _ in among) / len(among)
            was = sum(right for _, right in among) / len(among)
            band = f"{low:.1f}–{min(high, 1):.1f}"
            lines.append(f"| {task.name} | {band} | {len(among)} | {said:.2f} | {was:.2f} |")
    return lines


def halves(task: tasks.Task) -> Sequence[tasks.Task]:
    """A task cut in two; the queries were drawn in random order."""
    middle = len(task.cases) // 2
    return [task._replace(cases=task.cases[:middle]), task._replace(cases=task.cases[middle:])]


def print_curve(name: str, answers: Scored) -> None:
    """The points to copy into ``matching/labels/confidence.py``."""
    print(f"{name}: Curve = (")
    for x, y in curve(answers):
        print(f"    ({x}, {y}),")
    print(")\n")


def main() -> None:
    """Print the curves to copy, then the reliability of those in use."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data files")
    parser.add_argument("--queries", type=int, default=900, help="queries per task (900)")
    parser.add_argument("--seed", type=int, default=5)
    args = parser.parse_args()
    world, rnd = tasks.World(args.data), random.Random(args.seed)
    trades = tasks.formacode_trades(world, rnd, 2 * args.queries)
    fitting, kept = halves(trades._replace(corpus=world.corpus(with_words=True)))
    answers = scored(tasks.held_out(world, rnd, args.queries, fold=0)) + scored(fitting)
    checked = [
        tasks.held_out(world, rnd, args.queries, fold=1),
        kept,
        tasks.offers(world, with_words=True),
        tasks.certifications(world, rnd, args.queries),
        tasks.misspelt_titles(world, rnd, args.queries),
    ]
    blocks, other_blocks = halves(tasks.skill_phrases(world, rnd, 2 * args.queries))
    typed, other_typed = halves(tasks.misspelt_skills(world, rnd, 2 * args.queries))
    print_curve("OF_NAMES", answers)
    print_curve("OF_SENTENCES", scored(blocks) + scored(typed))
    print("| queries | said | number | mean said | were right |\n|---|---|---|---|---|")
    for task in (*checked, other_blocks, other_typed):
        print("\n".join(reliability(task, scored(task))), flush=True)


if __name__ == "__main__":
    main()
