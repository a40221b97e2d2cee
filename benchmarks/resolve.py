"""Compare label resolvers on public data: ours and the usual ones, in the same run.

    python -m benchmarks.resolve ../shared/data [--queries 300] [--seed 7] [--only ours]
        [--melo melo-benchmark/data/processed/melo/fra_q_fr_c_fr] [--titles my_offers.csv]
        [--by-hand my_codes.csv]

Every resolver indexes the same labels and answers the same queries: A@1, A@5, MRR (over the
first ten), milliseconds of processor a query (median and 95th centile), seconds to
build and, for ours, to load from the disk. The peers: rapidfuzz WRatio and token_set_ratio,
scikit-learn's TF-IDF on char_wb n-grams, BM25 of bm25s (left out when it is not installed:
`pip install --group bench`). Our resolver also reads what the occupations are about; the line
« ours, labels alone » does without, as the peers do.

What was tuned on what: docs/resolver.md. « Our titles » were written by hand here, by the same
hand as the lexicon, before looking at any answer: with the lexicon, without those of its phrases
that are one of them. The sample of offers is small and narrow (computing, waste, research), and
many of the titles missed there are filed under a code that the words do not say (« Serveur »,
under computing): read it with care.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from rapidfuzz import fuzz, process, utils
from sklearn.feature_extraction.text import TfidfVectorizer

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import resolve_tasks as tasks
from matching.labels.linking import Linker
from matching.labels.model import Unit
from matching.labels.resolver import LabelIndex
from matching.labels.sources import read_taxonomy_labels

Answer = Callable[[str], Sequence[str]]
Resolver = Callable[[tasks.Corpus], Answer]
DEPTH = 10
SCALE = 40_000


def ours(corpus: tasks.Corpus) -> Answer:
    """The resolver of this project, with all that the corpus tells it."""
    return answer_of(index_of(corpus), corpus)


def ours_labels_alone(corpus: tasks.Corpus) -> Answer:
    """The resolver of this project, on what the peers are given."""
    return answer_of(LabelIndex.build(corpus.labels, light=corpus.light), corpus)


def index_of(corpus: tasks.Corpus) -> LabelIndex:
    """The index of a corpus."""
    return LabelIndex.build(
        corpus.labels, corpus.lexicon, corpus.light, corpus.about, corpus.families
    )


def through_rome(world: tasks.World) -> Resolver:
    """Links through ROME: for titles that are at home there, towards another nomenclature."""
    rome = index_of(world.corpus(with_words=True))

    def make(corpus: tasks.Corpus) -> Answer:
        return answer_of(Linker(corpus.labels, rome, world.labels), corpus)

    return make


def answer_of(index: LabelIndex | Linker, corpus: tasks.Corpus) -> Answer:
    """The ids that an index finds."""
    unit: Unit = "label" if corpus.each_label else "id"
    return lambda query: [match.id for match in index.resolve(query, DEPTH, unit)]


def plain_tfidf(corpus: tasks.Corpus) -> Answer:
    """scikit-learn's TF-IDF on char_wb 2–5 n-grams, accents stripped, cosine."""
    vectoriser = TfidfVectorizer(
        analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, strip_accents="unicode"
    )
    matrix = vectoriser.fit_transform([label.text for label in corpus.labels]).T.tocsr()

    def answer(query: str) -> list[str]:
        scores = (vectoriser.transform([query]) @ matrix).toarray().ravel()
        return best_ids(corpus, np.argsort(-scores, kind="stable"))

    return answer


def bm25(corpus: tasks.Corpus) -> Answer:
    """bm25s with its default parameters, on lower-case words without accents."""
    import bm25s

    known: dict[str, int] = {}
    texts = [words_of(label.text) for label in corpus.labels]
    numbers = [[known.setdefault(word, len(known)) for word in text] for text in texts]
    retriever = bm25s.BM25()
    retriever.index(bm25s.tokenization.Tokenized(numbers, known), show_progress=False)

    def answer(query: str) -> list[str]:
        asked = [word for word in words_of(query) if word in known]
        if not asked:
            return []
        return best_ids(corpus, np.argsort(-retriever.get_scores(asked), kind="stable"))

    return answer


def words_of(text: str) -> list[str]:
    """Lower-case words without accents."""
    from sklearn.feature_extraction.text import strip_accents_unicode

    return str(utils.default_process(strip_accents_unicode(text))).split()


def spelling(scorer: Callable[..., float]) -> Resolver:
    """A scorer of rapidfuzz with its default processing."""

    def make(corpus: tasks.Corpus) -> Answer:
        texts = [utils.default_process(label.text) for label in corpus.labels]

        def answer(query: str) -> list[str]:
            processed = utils.default_process(query)
            found = process.extract(processed, texts, scorer=scorer, limit=20 * DEPTH)
            return best_ids(corpus, [position for _, _, position in found])

        return answer

    return make


def best_ids(corpus: tasks.Corpus, order: Sequence[int] | np.ndarray) -> list[str]:
    """The first ids met along an order of labels, each once unless each label counts."""
    if corpus.each_label:
        return [corpus.labels[position].id for position in order[:DEPTH]]
    ids: dict[str, None] = {}
    for position in order:
        ids.setdefault(corpus.labels[position].id)
        if len(ids) == DEPTH:
            break
    return list(ids)


RESOLVERS: dict[str, Resolver] = {
    "ours": ours,
    "ours, labels alone": ours_labels_alone,
    "char TF-IDF": plain_tfidf,
    "BM25": bm25,
    "WRatio": spelling(fuzz.WRatio),
    "token_set": spelling(fuzz.token_set_ratio),
}


def measure(task: tasks.Task, make: Resolver) -> list[float]:
    """A@1, A@5, MRR, processor milliseconds a query (median, 95th centile), seconds to build."""
    start = time.process_time()
    answer = make(task.corpus)
    built = time.process_time() - start
    ranks, spent = [], []
    for query, right in task.cases:
        start = time.process_time()
        ids = answer(query)
        spent.append(1000 * (time.process_time() - start))
        ranks.append(next((i + 1 for i, id_ in enumerate(ids) if id_ in right), 0))
    at = [sum(0 < rank <= limit for rank in ranks) / len(ranks) for limit in (1, 5)]
    mrr = sum(1 / rank for rank in ranks if rank) / len(ranks)
    return [*at, mrr, *np.percentile(spent, (50, 95)).tolist(), built]


def scale(world: tasks.World, queries: Sequence[str]) -> str:
    """One line on speed: 40,000 labels, occupations first and skills after."""
    skills = sorted(set(read_taxonomy_labels(world.data / "rome", "skill")))
    corpus = world.corpus((world.labels + skills)[:SCALE], with_words=True)
    start = time.process_time()
    index = index_of(corpus)
    built = time.process_time() - start
    with tempfile.TemporaryDirectory() as name:
        index.save(Path(name))
        start = time.process_time()
        index = LabelIndex.load(Path(name))
        loaded = time.process_time() - start
        size = sum(path.stat().st_size for path in Path(name).iterdir()) / 1e6
        spent = []
        for query in queries:
            start = time.process_time()
            index.resolve(query, DEPTH)
            spent.append(1000 * (time.process_time() - start))
    p50, p95 = np.percentile(spent, (50, 95))
    return (
        f"{len(corpus.labels)} labels: built in {built:.2f} s, {size:.0f} MB on disk, loaded in"
        f" {loaded:.2f} s; {len(spent)} queries of every task, {p50:.1f} ms (median),"
        f" {p95:.1f} ms (95th centile)"
    )


def tasks_asked(args: argparse.Namespace, world: tasks.World) -> list[tasks.Task]:
    """The files given by the reader, else the tasks of the public data."""
    given = [task for folder in args.melo for task in tasks.melo(folder)]
    given += [
        tasks.titles_of(world, file, words) for file in args.titles for words in (False, True)
    ]
    rnd, offers = random.Random(args.seed), tasks.offers(world)
    return given or [
        tasks.held_out(world, rnd, args.queries, fold=2),
        tasks.misspelt_titles(world, rnd, args.queries),
        tasks.formacode_trades(world, rnd, args.queries),
        tasks.certifications(world, rnd, args.queries),
        offers,
        tasks.by_former_code(world, offers),
        tasks.written_titles(world),
        tasks.adverts(world, rnd, args.queries),
        tasks.everyday(world, rnd, args.queries),
        tasks.skill_phrases(world, rnd, args.queries),
    ]


def titles_given(args: argparse.Namespace, world: tasks.World) -> list[tasks.Task]:
    """The titles of the reader's files, else those of the sample; with the lexicon."""
    given = [tasks.titles_of(world, file, with_words=True) for file in args.titles]
    asked = given or [tasks.offers(world, with_words=True)]
    return [*asked, *(tasks.by_former_code(world, task) for task in asked)]


def print_table(asked: Sequence[tasks.Task], resolvers: dict[str, Resolver]) -> None:
    """One line for each task and each resolver."""
    print("| task | queries | resolver | A@1 | A@5 | MRR | ms p50 | ms p95 | build s |")
    print("|---|---|---|---|---|---|---|---|---|")
    for task in asked:
        for name, make in resolvers.items():
            *quality, p50, p95, built = measure(task, make)
            figures = " | ".join(f"{value:.3f}" for value in quality)
            line = f"| {task.name} | {len(task.cases)} | {name} | {figures}"
            print(f"{line} | {p50:.1f} | {p95:.1f} | {built:.2f} |", flush=True)
    print()


def print_by_hand(asked: Sequence[tasks.Task], codes: Mapping[str, Sequence[str]]) -> None:
    """Codes given by hand beside ours, on the same titles: right, and right where not the other."""
    print("| task | titles | among the first | by hand | ours | by hand alone | ours alone |")
    print("|---|---|---|---|---|---|---|")
    for task in asked:
        answer = ours(task.corpus)
        cases = [case for case in task.cases if case.query in codes]
        found = [(codes[query], answer(query), right) for query, right in cases]
        for limit in (1, 5):
            hits = [
                tuple(not right.isdisjoint(ids[:limit]) for ids in both) for *both, right in found
            ]
            shares = [sum(hit) / (len(hits) or 1) for hit in zip(*hits, strict=True)]
            figures = " | ".join(f"{share:.3f}" for share in shares)
            alone = f"{hits.count((True, False))} | {hits.count((False, True))}"
            print(f"| {task.name} | {len(hits)} | {limit} | {figures} | {alone} |")


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path, help="folder of the public data files")
    parser.add_argument("--queries", type=int, default=300, help="queries per task (300)")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--only", nargs="*", choices=RESOLVERS, help="these resolvers only")
    parser.add_argument("--melo", type=Path, nargs="*", default=[], help="folders of MELO")
    parser.add_argument("--titles", type=Path, nargs="*", default=[], help="CSV: title, codes")
    parser.add_argument("--by-hand", type=Path, help="CSV: title, code1 to code5")
    args = parser.parse_args()
    world = tasks.World(args.data)
    if args.by_hand:
        print_by_hand(titles_given(args, world), tasks.codes_by_hand(args.by_hand))
        return
    resolvers = {name: RESOLVERS[name] for name in args.only or RESOLVERS}
    if find_spec("bm25s") is None and resolvers.pop("BM25", None):
        print("BM25 is left out: pip install --group bench\n")
    print(f"{len(world.labels)} labels, seed {args.seed}, at most {args.queries} queries a task\n")
    asked = tasks_asked(args, world)
    if args.melo:
        resolvers["ours, through ROME"] = through_rome(world)
    print_table(asked, resolvers)
    if args.melo or args.titles:
        return
    known = tasks.offers(world, with_words=True)
    for task in (
        known,
        known._replace(name=f"{known.name}, half in sight", cases=known.cases[::2]),
        known._replace(name=f"{known.name}, other half", cases=known.cases[1::2]),
        tasks.by_former_code(world, known),
        tasks.written_titles(world, with_words=True),
    ):
        a1, a5, mrr, *_ = measure(task, ours)
        print(f"{task.name}, ours: {a1:.3f}, {a5:.3f}, {mrr:.3f}")
    print(scale(world, [query for task in asked for query, _ in task.cases]))


if __name__ == "__main__":
    main()
