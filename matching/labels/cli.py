"""``python -m matching resolve``: one query a line in, one JSON line out."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path

from matching.labels.lexicon import everyday_words
from matching.labels.resolver import LabelIndex
from matching.labels.sources import KINDS, LabelFileError, read_labels, read_taxonomy

DESCRIPTION = "rank the labels of a nomenclature for each line of the standard input"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``resolve`` on its parser."""
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--labels", type=Path, metavar="L.tsv", help="lines id<TAB>label")
    source.add_argument(
        "--taxonomy", type=Path, metavar="DIR", help="two-file taxonomy, or ROME's open data"
    )
    parser.add_argument("--kind", choices=KINDS, help="what to search in the taxonomy")
    parser.add_argument("--top", type=_positive, default=10, help="results per query (10)")
    parser.add_argument(
        "--unit", choices=("id", "label"), default="id", help="best label per id, or every label"
    )


def run(args: argparse.Namespace) -> int:
    """Answer every query of the standard input; 0, or 2 with one line on standard error."""
    if args.taxonomy is not None and args.kind is None:
        return _fail("--taxonomy needs --kind occupation or --kind skill")
    try:
        index = _load(args)
        for query in _queries():
            matches = index.resolve(query, args.top, args.unit)
            results = [match._asdict() for match in matches]
            line = json.dumps({"query": query, "results": results}, ensure_ascii=False)
            sys.stdout.write(line + "\n")
    except LabelFileError as error:
        return _fail(str(error))
    return 0


def _load(args: argparse.Namespace) -> LabelIndex:
    if args.labels is not None:
        return LabelIndex.build(read_labels(args.labels))
    words = everyday_words() if args.kind == "occupation" else ()
    return LabelIndex.build(read_taxonomy(args.taxonomy, args.kind), words)


def _queries() -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise LabelFileError("standard input", number, "not UTF-8") from error


def _fail(message: str) -> int:
    sys.stderr.write(" ".join(message.split()) + "\n")
    return 2


def _positive(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} is not at least 1")
    return value
