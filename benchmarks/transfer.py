"""Measure the transfer of skills on ROME's own mobilities: ours, plain cosine, BM25, LSA.

    python -m benchmarks.transfer ../shared/data/rome [--seed 5] [--draws 2] [--only trade|person]

The mobilities (what ROME says one trade leads to) judge, and are no input of any line, but of
the last one of the first table, « learned », which is trained on those of the other folds.

- *from a trade*: every other trade ranked; right are its mobilities. Weights are chosen on four
  folds of trades (coordinate ascent on 2 × R@10 + MRR over a grid) and measured on the fifth;
- *from a person*: five core skills of a trade and two of others, drawn with a seed; right are
  the mobilities of that trade, the trade itself left out of the list. « Own trade unknown »: it
  does not speak for its neighbours either, as when the nomenclature does not have it.

CPU seconds are of the whole line, building included, on every core used.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from sklearn.decomposition import TruncatedSVD
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler, normalize

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.transfer_data import (
    FOLDS,
    Draw,
    Measure,
    Table,
    cosine,
    draw_people,
    folds,
    held_table,
    latent,
    mean,
    mobilities,
    okapi,
    per_trade,
    ranked,
    sheets,
    weighted_by_rarity,
)
from matching.transfer import RECIPE, TransferIndex
from matching.transfer.index import breadth
from matching.transfer.recipe import FACETS, FILING
from matching.transfer.rome import read_trades

GRID = (0.0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.6, 0.8, 1.0, 1.2)
PASSES = 3
CANDIDATES = 60
SHARPNESS = (10.0, 20.0, 30.0, 60.0)
DIRECT = (0.0, 1.0, 2.0, 4.0)
Weights = dict[str, float]
Rows = NDArray[np.int_]


class Bench:
    """The cosines of every facet, the breadth of trades, and what is right."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.nomenclature = read_trades(folder)
        self.right = mobilities(folder, self.nomenclature)
        self.index = TransferIndex(self.nomenclature)
        self.facets = {
            name: np.asarray((facet.vectors @ facet.vectors.T).toarray(), dtype=np.float32)
            for name, facet in self.index.facets.items()
        }
        self.pull = breadth(self.nomenclature.trades).astype(np.float32)
        self.all: Rows = np.arange(len(self.nomenclature.trades))
        self.fold = folds(len(self.all), seed)

    def mixed(self, weights: Weights, rows: Rows) -> Table:
        """The weighted sum of cosines, before breadth."""
        total = np.zeros((len(rows), len(self.all)), dtype=np.float32)
        for name, weight in weights.items():
            if weight and name in self.facets:
                total += np.float32(weight) * self.facets[name][rows]
        return total

    def raised(self, mixed: Table, weights: Weights) -> Table:
        """The same, the broad trades raised."""
        by = np.array([weights.get("breadth", 0), weights.get("names", 0)], dtype=np.float32)
        return np.asarray(mixed * (1 + self.pull @ by)[None], dtype=np.float32)

    def measure(self, scores: Table, rows: Rows | None = None) -> Table:
        """The measures of each trade of ``rows`` (all)."""
        return per_trade(scores, self.right, self.all if rows is None else rows)

    def worth(self, scores: Table, rows: Rows) -> float:
        """What the choice of weights raises."""
        found = mean(self.measure(scores, rows))
        return 2 * found.recall + found.mrr

    def chosen(self, names: Sequence[str], rows: Rows) -> Weights:
        """Coordinate ascent over the grid, from equal weights, on these trades alone."""
        weights = dict.fromkeys(names, 0.4)
        best = self.worth(self.raised(self.mixed(weights, rows), weights), rows)
        for _ in range(PASSES):
            before = dict(weights)
            for name in names:
                best = self._step(weights, name, rows, best)
            if weights == before:
                break
        return weights

    def _step(self, weights: Weights, name: str, rows: Rows, best: float) -> float:
        rest = self.mixed({**weights, name: 0.0}, rows)
        own = self.facets[name][rows] if name in self.facets else np.float32(0)
        for value in GRID:
            trial = {**weights, name: value}
            found = self.worth(self.raised(rest + np.float32(value) * own, trial), rows)
            if found > best + 1e-6:
                best, weights[name] = found, value
        return best

    def crossed(self, names: Sequence[str]) -> tuple[Table, Weights]:
        """Weights chosen on four folds, measured on the fifth; and the mean of the weights."""
        parts, kept = np.zeros((len(self.all), 3), dtype=np.float32), []
        for fold in range(FOLDS):
            rows = np.flatnonzero(self.fold == fold)
            weights = self.chosen(names, np.flatnonzero(self.fold != fold))
            parts[rows] = self.measure(self.raised(self.mixed(weights, rows), weights), rows)
            kept.append(weights)
        return parts, {name: float(np.mean([w[name] for w in kept])) for name in names}

    def learned(self) -> Table:
        """A logistic re-ranking of our first candidates, trained on the other folds' links."""
        shipped = self.shipped()
        order = np.argsort(-np.where(np.eye(len(self.all)), -np.inf, shipped), axis=1)
        order = order[:, :CANDIDATES]
        features = self._features(shipped, order)
        parts = np.zeros((len(self.all), 3), dtype=np.float32)
        for fold in range(FOLDS):
            train, rows = self.fold != fold, np.flatnonzero(self.fold == fold)
            scale = StandardScaler().fit(features[train].reshape(-1, features.shape[2]))
            model = LogisticRegression(max_iter=500)
            labels = np.take_along_axis(self.right, order, axis=1)[train].ravel()
            model.fit(scale.transform(features[train].reshape(-1, features.shape[2])), labels)
            asked = scale.transform(features[rows].reshape(-1, features.shape[2]))
            scores = np.full((len(rows), len(self.all)), -1e9, dtype=np.float32)
            said = model.decision_function(asked).reshape(len(rows), -1)
            np.put_along_axis(scores, order[rows], said.astype(np.float32), axis=1)
            parts[rows] = self.measure(scores, rows)
        return parts

    def _features(self, shipped: Table, order: Rows) -> Table:
        """Cosines, score, rank and breadth of each candidate: (trades, candidates, features)."""
        columns = [np.take_along_axis(table, order, axis=1) for table in self.facets.values()]
        columns.append(np.take_along_axis(shipped, order, axis=1))
        columns.append(np.broadcast_to(np.log1p(np.arange(CANDIDATES)), order.shape))
        columns += [self.pull[order, column] for column in range(self.pull.shape[1])]
        return np.stack(columns, axis=2).astype(np.float32)

    def shipped(self) -> Table:
        """The scores of the recipe of the product."""
        return self.raised(self.mixed(recipe_weights(), self.all), recipe_weights())


def recipe_weights() -> Weights:
    """The recipe of the product, as one table of weights."""
    return {**RECIPE.between, "breadth": RECIPE.breadth, "names": RECIPE.names}


def line(name: str, work: Callable[[], Table]) -> None:
    """Run, time and print a line of a table."""
    start = time.process_time()
    found = mean(work())
    spent = time.process_time() - start
    print(f"| {name} | {_figures(found)} | {spent:.1f} |", flush=True)


def _figures(found: Measure) -> str:
    return f"{found.recall:.3f} | {found.mrr:.3f} | {found.map:.3f}"


def from_a_trade(bench: Bench) -> None:
    """The first table."""
    counts = sheets(bench.nomenclature)
    sheet = [name for name in FACETS if name not in FILING]
    print("| from a trade | R@10 | MRR | MAP | CPU s |\n|---|---|---|---|---|")
    line("plain cosine of skill ids", lambda: bench.measure(cosine(counts)))
    line("TF-IDF cosine of skill ids", lambda: bench.measure(cosine(weighted_by_rarity(counts))))
    line("BM25 (Okapi) of skill ids", lambda: bench.measure(okapi(counts)))
    line("LSA-200 of skill ids", lambda: bench.measure(latent(counts)))
    kept: dict[str, Weights] = {}
    for title, names in (
        ("ours, sheets alone, by folds", sheet),
        ("ours, + breadth, by folds", [*sheet, "breadth", "names"]),
        ("**ours, by folds**", [*FACETS, "breadth", "names"]),
    ):
        line(title, lambda names=names, title=title: _crossed(bench, names, kept, title))  # type: ignore[misc]
    line("ours, as shipped (weights seen on all folds)", lambda: bench.measure(bench.shipped()))
    line("ours, learned (logistic, links of the other folds)", bench.learned)
    print("\nMean of the weights chosen by folds:\n")
    for title, weights in kept.items():
        said = ", ".join(f"{name} {value:.2f}" for name, value in weights.items())
        print(f"- {title.strip('*')}: {said}")


def _crossed(bench: Bench, names: Sequence[str], kept: dict[str, Weights], title: str) -> Table:
    parts, kept[title] = bench.crossed(names)
    return parts


def from_a_person(bench: Bench, seeds: Sequence[int]) -> None:
    """The second table; each figure is the mean over the seeds."""
    print("\n| from a person | R@10 | MRR | MAP | CPU s |\n|---|---|---|---|---|")
    core = [draw_people(bench.nomenclature, seed) for seed in seeds]
    wide = [draw_people(bench.nomenclature, seed, core=False) for seed in seeds]
    own = _lines_of(bench, core, "")
    of_all = _lines_of(bench, wide, ", five of all its skills")
    print(f"\nMost resembled is the own trade: {own:.3f}; five of all its skills: {of_all:.3f}")


def _lines_of(bench: Bench, draws: Sequence[Draw], drawn: str) -> float:
    """Print the lines of these draws; how often the trade most resembled is the person's own."""
    counts = sheets(bench.nomenclature)
    held: list[Table] = []

    def resembled() -> Table:
        held[:] = [alike(bench, draw) for draw in draws]
        return np.mean([bench.measure(table) for table in held], axis=0)

    def hidden() -> Table:
        return np.mean([bench.measure(spoken(bench, t, hidden=True)) for t in held], axis=0)

    cases: Mapping[str, Callable[[], Table]] = {
        "plain cosine of exact ids": lambda: _mean_of(
            bench, draws, lambda d: exact(bench, d, counts)
        ),
        "labels and LSA-200 mixed": lambda: _mean_of(bench, draws, lambda d: labels(bench, d)),
        "ours, what is held alone": resembled,
        "**ours, by folds**": lambda: np.mean([person_crossed(bench, t) for t in held], axis=0),
        "ours, as shipped": lambda: _mean_of(bench, draws, lambda d: ranked(bench.index, d)),
        "ours, the person’s own trade unknown": hidden,
    }
    for name, work in cases.items():
        line(name + drawn, work)
    return float(np.mean([(table.argmax(axis=1) == bench.all).mean() for table in held]))


def _mean_of(bench: Bench, draws: Sequence[Draw], scored: Callable[[Draw], Table]) -> Table:
    return np.mean([bench.measure(scored(draw)) for draw in draws], axis=0)


def exact(bench: Bench, people: Draw, counts: csr_array) -> Table:
    """Plain cosine of what is held and of the sheets."""
    held = normalize(held_table(people, bench.nomenclature))
    return np.asarray((held @ normalize(counts).T).toarray(), dtype=np.float32)


def labels(bench: Bench, people: Draw) -> Table:
    """The mix of the issue's peer: TF-IDF of the labels' words, and its 200 first dimensions."""
    skills, trades = bench.nomenclature.skills, bench.nomenclature.trades
    words = TfidfVectorizer(sublinear_tf=True, strip_accents="unicode", min_df=2)
    texts = [" . ".join(skills[i].label for i in (*t.core, *t.others)) for t in trades]
    documents = words.fit_transform(texts)
    asked = words.transform([" . ".join(skills[i].label for i in person) for person in people])
    space = TruncatedSVD(200, random_state=0).fit(documents)
    near = normalize(space.transform(asked)) @ normalize(space.transform(documents)).T
    return np.asarray((asked @ documents.T).toarray() + near, dtype=np.float32)


def alike(bench: Bench, people: Draw) -> Table:
    """How much what is held looks like each trade."""
    return np.array([bench.index.alike(person) for person in people], dtype=np.float32)


def spoken(
    bench: Bench,
    held: Table,
    sharpness: float = RECIPE.sharpness,
    direct: float = RECIPE.direct,
    hidden: bool = False,
) -> Table:
    """The trades near the trades resembled; ``hidden`` takes the person's own trade out."""
    spoken_by = held.copy()
    if hidden:
        np.fill_diagonal(spoken_by, -np.inf)
    said = np.exp(sharpness * (spoken_by - spoken_by.max(axis=1, keepdims=True)))
    said /= said.sum(axis=1, keepdims=True)
    between = bench.mixed(recipe_weights(), bench.all)
    return bench.raised(said @ between + np.float32(direct) * held, recipe_weights())


def person_crossed(bench: Bench, held: Table) -> Table:
    """Sharpness and direct say chosen on four folds of trades, measured on the fifth."""
    tried = [bench.measure(spoken(bench, held, s, d)) for s in SHARPNESS for d in DIRECT]
    parts = np.zeros((len(bench.all), 3), dtype=np.float32)
    for fold in range(FOLDS):
        train, rows = bench.fold != fold, bench.fold == fold
        best = max(tried, key=lambda found: float(found[train, 0].mean()))
        parts[rows] = best[rows]
    return parts


def main() -> None:
    """Print both tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rome", type=Path, help="folder of ROME's open data")
    parser.add_argument("--seed", type=int, default=5, help="seed of the folds (5)")
    parser.add_argument("--draws", type=int, default=2, help="draws of people, seeds 1… (2)")
    parser.add_argument("--only", choices=("trade", "person"), help="one of the two tables")
    args = parser.parse_args()
    start = time.process_time()
    bench = Bench(args.rome, args.seed)
    print(
        f"{len(bench.all)} trades, {int(bench.right.sum())} mobilities, {FOLDS} folds of seed"
        f" {args.seed}, people of seeds 1 to {args.draws};"
        f" read and built in {time.process_time() - start:.1f} CPU s\n"
    )
    if args.only != "person":
        from_a_trade(bench)
    if args.only != "trade":
        from_a_person(bench, range(1, args.draws + 1))


if __name__ == "__main__":
    main()
