"""The tasks of ``resolve.py``: what is indexed, what is asked, what answers it.

Everything is read from the public data files; a seed draws the queries. Offers, certifications
and Formacode carry codes of the former ROME: a code of today is right through its parent too.
"""

from __future__ import annotations

import csv
import json
import random
import string
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple, TypeVar

from matching.labels.lexicon import everyday_words
from matching.labels.model import About, EverydayWord, Label
from matching.labels.normalise import canonical
from matching.labels.queries import query_readings
from matching.labels.sources import read_about, read_families, read_taxonomy_labels
from matching.labels.vocabulary import LIGHT_WORDS

T = TypeVar("T")
FOLDS = 5
_CODES = "unix_referentiel_code_rome_v460_utf8.csv"
_TITLES = "unix_referentiel_appellation_v460_utf8.csv"
_ITEMS = "unix_coherence_item_v460_utf8.csv"
_MOST_CODES, _MOST_WORDS = 3, 12
_LEAST_SHARE = 0.2
_DRESSES = (
    "{title} H/F", "{capitals} (H/F)", "{title} - {town}", "{title} {town} (F/H)",
    "{title} H/F CDI {town}", "{title} basé à {town} H/F", "URGENT {title} {town}",
    "{town} - {title} H/F", "CDI - {title} - {town} - 35h", "{title} // {town}",
    "[{town}] {title}", "{title} H/F - secteur {town}", "Recherche {title} pour {town}",
    "{title} - 12,50€/h - {town}", "{title} - temps plein - poste à pourvoir rapidement",
    "{title} H/F {town} et alentours", "{title} - intérim longue mission",
    "{title} h/f (CDD 6 mois)", "{title} en CDI à {town} (H/F)",
    "{capitals} - DÉMARRAGE IMMÉDIAT", "{title} - SARL Martin",
    "{title} - prise de poste dès que possible", "{title} expérimenté H/F - {town}",
    "{title} de nuit H/F", "{title} 28h/semaine", "{title} - véhicule de service, mutuelle",
    "{title} - 2 postes", "{title} formation assurée", "{title} (ref 2024-1187) {town}",
)  # fmt: skip


class Case(NamedTuple):
    """A query and the ids that answer it."""

    query: str
    right: frozenset[str]


class Corpus(NamedTuple):
    """What is indexed: labels, and what only some resolvers can use."""

    labels: list[Label]
    about: tuple[About, ...] = ()
    families: Mapping[str, str] = MappingProxyType({})
    lexicon: tuple[EverydayWord, ...] = ()
    light: frozenset[str] = frozenset()
    each_label: bool = False  # what is ranked is each label, not each id once


class Task(NamedTuple):
    """What is indexed, and what is asked of it."""

    name: str
    corpus: Corpus
    cases: list[Case]


class World:
    """The data files, read once."""

    def __init__(self, data: Path) -> None:
        self.data, rome = data, data / "rome"
        self.labels = sorted(set(read_taxonomy_labels(rome, "occupation")))
        self.about = tuple(read_about(rome, "occupation"))
        self.families = read_families(rome, "occupation")
        self._children: dict[str, set[str]] = defaultdict(set)
        for code, parent in self.families.items():
            self._children[parent].add(code)

    def corpus(self, labels: list[Label] | None = None, with_words: bool = False) -> Corpus:
        """ROME's labels, or some of them, with all that is known of the occupations."""
        words = everyday_words() if with_words else ()
        return Corpus(labels or self.labels, self.about, self.families, words)

    def right(self, codes: Iterable[str]) -> frozenset[str]:
        """The codes given, and those of today that come from them."""
        return frozenset(c for code in codes for c in (code, *self._children.get(code, ())))


def held_out(world: World, rnd: random.Random, count: int, fold: int = 0) -> Task:
    """Appellations of one fold, asked of an index that holds the others.

    The short forms are left out of this index: they would give the held-out titles away.
    """
    rows = rows_of(world.data / "rome" / _TITLES)
    titles = [Label(r["code_rome"], r["libelle_appellation_long"]) for r in rows]
    cut = random.Random(FOLDS)
    asked, kept = [], []
    for title in sorted(set(titles)):
        (asked if cut.randrange(FOLDS) == fold else kept).append(title)
    names = [
        Label(r["code_rome"], r["libelle_rome"]) for r in rows_of(world.data / "rome" / _CODES)
    ]
    indexed = {text for _, text in (*kept, *names)}
    asked = [title for title in asked if title.text not in indexed]
    cases = [Case(text, frozenset({id_})) for id_, text in sample(asked, rnd, count)]
    return Task("held-out titles", world.corpus(kept + names), cases)


def misspelt_titles(world: World, rnd: random.Random, count: int) -> Task:
    """Appellations in the masculine with one or two letters wrong."""
    names = defaultdict(set)
    for id_, text in world.labels:
        names[masculine_half(text)].add(id_)
    asked = sample(sorted(names), rnd, count)
    cases = [Case(misspelt(text, rnd), frozenset(names[text])) for text in asked]
    return Task("typing errors", world.corpus(), cases)


def formacode_trades(world: World, rnd: random.Random, count: int) -> Task:
    """Formacode's trade synonyms; right: the codes its certifications lead to most."""
    pairs: dict[str, list[tuple[int, str]]] = defaultdict(list)
    for row in rows_of(world.data / "formacode" / "rome_formacode.csv"):
        pairs[row["code_formacode"]].append((int(row["nb_fiches"]), row["code_rome"]))
    cases = []
    for row in rows_of(world.data / "formacode" / "formacodes-v14.csv", ";"):
        found = pairs.get(row["Code du Terme"], [])
        most = max((support for support, _ in found), default=0)
        codes = [c for n, c in found if n == most or n >= max(2, _LEAST_SHARE * most)]
        names = [name.strip() for name in row["Synonymes métier"].split("###") if name.strip()]
        cases += [Case(name, world.right(codes)) for name in names if codes]
    return Task("Formacode trades", world.corpus(), sample(cases, rnd, count))


def certifications(world: World, rnd: random.Random, count: int) -> Task:
    """Titles of certifications of at most three codes."""
    cases: dict[str, frozenset[str]] = {}
    for row in rows_of(world.data / "rncp" / "certifications.csv"):
        codes = [code for code in row["codes_rome"].split("|") if code]
        if row["intitule"] and 1 <= len(codes) <= _MOST_CODES:
            cases[row["intitule"]] = cases.get(row["intitule"], frozenset()) | world.right(codes)
    found = [Case(title, codes) for title, codes in sorted(cases.items())]
    return Task("certifications", world.corpus(), sample(found, rnd, count))


def offers(world: World, with_words: bool = False) -> Task:
    """Titles of the sampled offers."""
    path = world.data / "offers" / "france_travail_hdf.jsonl"
    read = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    cases = [Case(offer["intitule"], world.right([offer["romeCode"]])) for offer in read]
    name = "offer titles, with the lexicon" if with_words else "offer titles"
    return Task(name, world.corpus(with_words=with_words), cases)


def by_former_code(world: World, task: Task) -> Task:
    """The same titles, any code that comes from the same one of the former ROME being right."""
    former = [
        (query, {world.families.get(id_, id_) for id_ in right}) for query, right in task.cases
    ]
    cases = [Case(query, world.right(codes)) for query, codes in former]
    return task._replace(name=f"{task.name}, former codes", cases=cases)


def written_titles(world: World, with_words: bool = False) -> Task:
    """Offer-like titles of every sector, written here by hand (``resolve_titles.csv``).

    With the words of the lexicon, those that are one of these titles are left out: asked of what
    holds them, they would answer for nothing.
    """
    rows = rows_of(Path(__file__).with_name("resolve_titles.csv"))
    cases = [Case(row["title"], frozenset(row["codes"].split("|"))) for row in rows]
    corpus = world.corpus(with_words=with_words)
    said = {reading for query, _ in cases for reading in _readings(query)}
    others = tuple(w for w in corpus.lexicon if canonical(w.phrase) not in said)
    name = "our titles, with the lexicon" if with_words else "our titles"
    return Task(name, corpus._replace(lexicon=others), cases)


def _readings(query: str) -> set[str]:
    readings = query_readings(query)
    return {readings.literal, *readings.others, *readings.segments}


def titles_of(world: World, file: Path, with_words: bool) -> Task:
    """Titles of a file of one's own: columns « title » and « codes » (separated by « | »)."""
    cases = [Case(r["title"], world.right(r["codes"].split("|"))) for r in rows_of(file)]
    name = f"{file.stem}, with the lexicon" if with_words else file.stem
    return Task(name, world.corpus(with_words=with_words), cases)


def codes_by_hand(file: Path) -> dict[str, list[str]]:
    """The codes that somebody gave to each title: columns « title », « code1 » to « code5 »."""
    return {
        row["title"]: [code for place in range(1, 6) if (code := row[f"code{place}"])]
        for row in rows_of(file)
    }


def melo(folder: Path) -> list[Task]:
    """A data set of the MELO benchmark: titles of a national nomenclature towards ESCO.

    Its three files of tab-separated lines: ``queries.tsv`` (number, title),
    ``corpus_elements.tsv`` (``C000012_fr_003``, label: the fourth of concept 12) and
    ``annotations.tsv`` (query, 0, label, 1). As in MELO each label counts: the first rank of one
    of a right concept. Every other query was looked at to choose the weights of links; the task of
    the others comes last.
    """
    elements = lines_of(folder / "corpus_elements.tsv")
    corpus = Corpus([Label(c.partition("_")[0], text) for c, text in elements], each_label=True)
    right: dict[str, set[str]] = defaultdict(set)
    for query, _, element, _ in lines_of(folder / "annotations.tsv"):
        right[query].add(element.partition("_")[0])
    read = lines_of(folder / "queries.tsv")
    cases = [Case(text, frozenset(right[query])) for query, text in read]
    halves = (("looked at", cases[::2]), ("others", cases[1::2]))
    return [Task(f"MELO {folder.name}, {name}", corpus, half) for name, half in halves]


def adverts(world: World, rnd: random.Random, count: int) -> Task:
    """Appellations dressed as titles of offers: gender, contract, pay, hours, a town."""
    names = defaultdict(set)
    for id_, text in world.labels:
        names[masculine_half(text)].add(id_)
    towns = [row["nom"] for row in rows_of(world.data / "geo" / "communes.csv")]
    cases = []
    for text in sample(sorted(names), rnd, count):
        dress, town = rnd.choice(_DRESSES), rnd.choice(towns)
        title = dress.format(title=text, capitals=text.upper(), town=town)
        cases.append(Case(title, frozenset(names[text])))
    return Task("dressed titles", world.corpus(), cases)


def everyday(world: World, rnd: random.Random, count: int) -> Task:
    """The phrases of the lexicon, right on any of their codes, asked without the lexicon."""
    words = sample(everyday_words(), rnd, count)
    return Task("everyday words", world.corpus(), [Case(w.phrase, frozenset(w.ids)) for w in words])


def skill_phrases(world: World, rnd: random.Random, count: int) -> Task:
    """Blocks of certifications; right: any competence or knowledge of their occupations."""
    linked: dict[str, set[str]] = defaultdict(set)
    for row in rows_of(world.data / "rome" / _ITEMS):
        linked[row["code_rome"]].add(row["code_ogr"])
    codes = {
        row["numero_fiche"]: [code for code in row["codes_rome"].split("|") if code]
        for row in rows_of(world.data / "rncp" / "certifications.csv")
    }
    cases: dict[str, frozenset[str]] = {}
    for row in rows_of(world.data / "rncp" / "blocs.csv", ";"):
        text, found = row["Bloc_Competences_Libelle"], codes.get(row["Numero_Fiche"], [])
        if 1 <= len(found) <= _MOST_CODES and len(text.split()) <= _MOST_WORDS:
            items = {item for code in world.right(found) for item in linked[code]}
            cases[text] = cases.get(text, frozenset()) | items
    asked = [Case(text, items) for text, items in sorted(cases.items()) if items]
    labels = sorted(set(read_taxonomy_labels(world.data / "rome", "skill")))
    return Task("skill phrases", Corpus(labels, light=LIGHT_WORDS), sample(asked, rnd, count))


def misspelt_skills(world: World, rnd: random.Random, count: int) -> Task:
    """Skills and knowledge items with one or two letters wrong."""
    labels = sorted(set(read_taxonomy_labels(world.data / "rome", "skill")))
    asked = sample(labels, rnd, count)
    cases = [Case(misspelt(label.text, rnd), frozenset({label.id})) for label in asked]
    return Task("skills with typing errors", Corpus(labels, light=LIGHT_WORDS), cases)


def rows_of(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    """The rows of a CSV file."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


def lines_of(path: Path) -> list[list[str]]:
    """The fields of a file of tab-separated lines without a header nor quotes."""
    return [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()]


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


def sample(items: Sequence[T], rnd: random.Random, count: int) -> list[T]:
    """At most ``count`` items, drawn by the seed."""
    return rnd.sample(list(items), min(count, len(items)))
