"""Compare label resolvers on public data: ours, rapidfuzz WRatio, plain char TF-IDF.

    python benchmarks/resolve.py ../shared/data [--queries 400] [--seed 7]

Four tasks, each printed as A@1, A@5, MRR (over the first ten) and milliseconds a query:

- *held-out titles*: ROME appellations taken out of the index; the code must be found from
  its other labels (five folds are cut by the seed, one is used);
- *titles with 1–2 typing errors*: ROME appellations in the index, letters changed;
- *real offer titles*: the sample of offers, right when the code or its parent is the
  offer's (offers carry codes of the former ROME);
- *everyday words*: the hand-written lexicon asked of resolvers that do not hold it. Ours is
  measured without it as well: it would know the answers by heart.

Weights were chosen on held-out titles and looked at on the sample of offers, never on the
everyday words. The sample is small and narrow (computing, waste): read it with care.
"""

from __future__ import annotations

import argparse
import csv
import json
import random
import string
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from rapidfuzz import fuzz, process, utils
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from matching.labels.lexicon import everyday_words
from matching.labels.resolver import Label, LabelIndex
from matching.labels.sources import read_taxonomy_labels

T = TypeVar("T")
Answer = Callable[[str], Sequence[str]]
DEPTH = 10
FOLDS = 5


class Case(NamedTuple):
    """A query and the ids that answer it."""

    query: str
    right: frozenset[str]


class Task(NamedTuple):
    """What is indexed, and what is asked of it."""

    name: str
    labels: list[Label]
    cases: list[Case]


def ours(labels: list[Label]) -> Answer:
    """The resolver of this project, without the everyday lexicon."""
    index = LabelIndex.build(labels)
    return lambda query: [match.id for match in index.resolve(query, DEPTH)]


def plain_tfidf(labels: list[Label]) -> Answer:
    """scikit-learn's TF-IDF on char_wb 2–5 n-grams, accents stripped, cosine."""
    vectoriser = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, strip_accents="unicode"
    )
    matrix = vectoriser.fit_transform([label.text for label in labels]).T.tocsr()

    def answer(query: str) -> list[str]:
        scores = (vectoriser.transform([query]) @ matrix).toarray().ravel()
        return best_ids(labels, np.argsort(-scores, kind="stable"))

    return answer


def wratio(labels: list[Label]) -> Answer:
    """rapidfuzz WRatio with its default processing."""
    texts = [utils.default_process(label.text) for label in labels]

    def answer(query: str) -> list[str]:
        processed = utils.default_process(query)
        found = process.extract(processed, texts, scorer=fuzz.WRatio, limit=20 * DEPTH)
        return best_ids(labels, [position for _, _, position in found])

    return answer


def best_ids(labels: list[Label], order: Sequence[int] | np.ndarray) -> list[str]:
    """The first ids met along an order of labels, each once."""
    ids: dict[str, None] = {}
    for position in order:
        ids.setdefault(labels[position].id)
        if len(ids) == DEPTH:
            break
    return list(ids)


RESOLVERS = {"rapidfuzz WRatio": wratio, "plain char TF-IDF": plain_tfidf, "ours": ours}


def held_out(data: Path, rnd: random.Random, count: int) -> Task:
    """One fold of the long appellations as queries, the others as the index.

    Short forms stay out altogether: they would give the held-out titles away.
    """
    path = data / "rome" / "unix_referentiel_appellation_v460_utf8.csv"
    titles = [Label(r["code_rome"], r["libelle_appellation_long"]) for r in rows_of(path)]
    asked, kept = [], []
    for title in sorted(set(titles)):
        (asked if rnd.randrange(FOLDS) == 0 else kept).append(title)
    names = [Label(r["code_rome"], r["libelle_rome"]) for r in rows_of(codes_file(data))]
    indexed = {text for _, text in (*kept, *names)}
    asked = [title for title in asked if title.text not in indexed]
    cases = [Case(text, frozenset({id_})) for id_, text in sample(asked, rnd, count)]
    return Task("held-out titles", kept + names, cases)


def codes_file(data: Path) -> Path:
    """ROME's table of codes."""
    return data / "rome" / "unix_referentiel_code_rome_v460_utf8.csv"


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def with_errors(labels: list[Label], rnd: random.Random, count: int) -> Task:
    """Appellations in the masculine with one or two letters wrong."""
    asked = sample(labels, rnd, count)
    cases = [
        Case(misspelt(masculine_half(label.text), rnd), frozenset({label.id})) for label in asked
    ]
    return Task("titles, 1-2 typing errors", labels, cases)


def masculine_half(text: str) -> str:
    """« Maçon / Maçonne du paysage » as a person would type it: « Maçon du paysage »."""
    left, _, right = text.partition(" / ")
    return " ".join([left, *right.split()[len(left.split()) :]])


def misspelt(text: str, rnd: random.Random) -> str:
    """One or two edits: a letter replaced, added, dropped, or two neighbours swapped."""
    letters = list(text)
    for _ in range(rnd.choice((1, 2))):
        at, edit = rnd.randrange(len(letters) - 1), rnd.randrange(4)
        if edit == 0:
            letters[at] = rnd.choice(string.ascii_lowercase)
        elif edit == 1:
            letters.insert(at, rnd.choice(string.ascii_lowercase))
        elif edit == 2 and len(letters) > 4:
            del letters[at]
        else:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def offers(labels: list[Label], data: Path) -> Task:
    """Titles of the sampled offers; a code of today is right through its parent too."""
    parents = {row["code_rome"]: row["code_rome_parent"] for row in rows_of(codes_file(data))}
    lines = (data / "offers" / "france_travail_hdf.jsonl").read_text(encoding="utf-8").splitlines()
    cases = []
    for offer in map(json.loads, lines):
        children = {code for code, parent in parents.items() if parent == offer["romeCode"]}
        cases.append(Case(offer["intitule"], frozenset(children | {offer["romeCode"]})))
    return Task("real offer titles", labels, cases)


def everyday(labels: list[Label], rnd: random.Random, count: int) -> Task:
    """The phrases of the lexicon, right on any of their codes."""
    words = sample(everyday_words(), rnd, count)
    return Task("everyday words", labels, [Case(w.phrase, frozenset(w.ids)) for w in words])


def sample(items: Sequence[T], rnd: random.Random, count: int) -> list[T]:
    """At most ``count`` items, drawn by the seed."""
    return rnd.sample(list(items), min(count, len(items)))


def measure(task: Task, make: Callable[[list[Label]], Answer]) -> tuple[float, ...]:
    """(A@1, A@5, MRR, milliseconds a query, seconds to build) of one resolver on a task."""
    start = time.perf_counter()
    answer = make(task.labels)
    built = time.perf_counter() - start
    ranks = []
    start = time.perf_counter()
    for query, right in task.cases:
        ids = answer(query)
        ranks.append(next((i + 1 for i, id_ in enumerate(ids) if id_ in right), 0))
    spent = 1000 * (time.perf_counter() - start) / len(ranks)
    at = [sum(0 < rank <= limit for rank in ranks) / len(ranks) for limit in (1, 5)]
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return at[0], at[1], mrr, spent, built


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data files")
    parser.add_argument("--queries", type=int, default=400, help="queries per task (400)")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    rnd = random.Random(args.seed)
    labels = sorted(set(read_taxonomy_labels(args.data / "rome", "occupation")))
    tasks = [
        held_out(args.data, rnd, args.queries),
        with_errors(labels, rnd, args.queries),
        offers(labels, args.data),
        everyday(labels, rnd, args.queries),
    ]
    print(f"{len(labels)} labels, {len({label.id for label in labels})} codes, seed {args.seed}\n")
    print("| task | queries | resolver | A@1 | A@5 | MRR | ms/query | build s |")
    print("|---|---|---|---|---|---|---|---|")
    for task in tasks:
        for name, make in RESOLVERS.items():
            a1, a5, mrr, spent, built = measure(task, make)
            print(
                f"| {task.name} | {len(task.cases)} | {name} | {a1:.3f} | {a5:.3f} | {mrr:.3f}"
                f" | {spent:.1f} | {built:.2f} |",
                flush=True,
            )


if __name__ == "__main__":
    main()
