"""``python -m matching resolve``: one query a line in, one JSON line out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from matching.files import NOT_UTF8, FileError
from matching.labels.lexicon import everyday_words
from matching.labels.linking import Linker
from matching.labels.resolver import LabelIndex, Match
from matching.labels.sources import (
    KINDS,
    Kind,
    read_about,
    read_families,
    read_labels,
    read_taxonomy_labels,
)
from matching.words import positive

_STANDARD_INPUT = Path("entrée standard")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``resolve`` on its parser."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument(
        "--labels", type=Path, metavar="FICHIER", help="lignes identifiant<tabulation>libellé"
    )
    source.add_argument(
        "--taxonomy", type=Path, metavar="DOSSIER",
        help="métiers et savoir-faire (occupations.csv et skills.csv), ou données ouvertes du ROME",
    )  # fmt: skip
    parser.add_argument("--kind", choices=KINDS, help="ce qu’il faut chercher, avec --taxonomy")
    parser.add_argument(
        "--bridge", type=Path, metavar="DOSSIER",
        help="avec --labels\u00a0: données ouvertes du ROME, pour relier ses noms à une autre "
        "nomenclature par les autres noms du même métier",
    )  # fmt: skip
    parser.add_argument(
        "--top", type=positive, default=10, metavar="N", help="résultats par demande (10 sinon)"
    )
    parser.add_argument(
        "--unit", choices=("id", "label"), default="id",
        help="le meilleur libellé de chaque code (id, sinon) ou tous les libellés (label)",
    )  # fmt: skip


def run(args: argparse.Namespace) -> int:
    """Answer every line of the standard input. Raises ``FileError`` on what cannot be read."""
    index = _load(args)
    for query in _queries():
        results = [_shown(match) for match in index.resolve(query, args.top, args.unit)]
        line = json.dumps({"query": query, "results": results}, ensure_ascii=False)
        sys.stdout.write(line + "\n")
    return 0


def _shown(match: Match) -> dict[str, object]:
    return {"id": match.id, "label": match.label, "score": match.score}


def _load(args: argparse.Namespace) -> LabelIndex | Linker:
    if args.labels is not None:
        if args.kind is not None:
            raise FileError(args.labels, None, "--kind ne sert qu’avec --taxonomy\u00a0: ôtez-le")
        if args.bridge is not None:
            return _linker(args.labels, args.bridge)
        # A word whose codes are not among the ids given is left out: lists of skills ignore it.
        return LabelIndex.build(read_labels(args.labels), everyday_words())
    if args.bridge is not None:
        raise FileError(args.bridge, None, "--bridge ne sert qu’avec --labels\u00a0: ôtez-le")
    if args.kind is None:
        raise FileError(args.taxonomy, None, "il manque --kind occupation ou --kind skill")
    return _index(args.taxonomy, args.kind)


def _index(folder: Path, kind: Kind) -> LabelIndex:
    """The index of a taxonomy, with all that its folder tells."""
    return LabelIndex.build(
        read_taxonomy_labels(folder, kind),
        everyday_words() if kind == "occupation" else (),
        about=read_about(folder, kind),
        families=read_families(folder, kind),
    )


def _linker(labels: Path, rome: Path) -> Linker:
    """Answers with the labels of a file, through ROME."""
    names = read_taxonomy_labels(rome, "occupation")
    return Linker(read_labels(labels), _index(rome, "occupation"), names)


def _queries() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError:
            raise FileError(_STANDARD_INPUT, number, NOT_UTF8) from None
