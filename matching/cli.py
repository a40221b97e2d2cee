"""``python -m matching``: rank, pathways, explain and resolve, on files alone."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path
from typing import NoReturn

from matching.batch import pathway_lines, rank_lines
from matching.everyone import OfferLists, PersonLists, PersonPathways, Work
from matching.explanation import explain
from matching.files import (
    FileError,
    read_communes,
    read_offers,
    read_people,
    read_sessions,
)
from matching.index import Index
from matching.output import explanation_json, write_lines
from matching.pathways.everyone import Goals
from matching.records import Taxonomy
from matching.rome import load_taxonomy
from matching.shards import Ground, Records

OK, REFUSED = 0, 2
_SHOWN_COMMUNES = 5
# The library has no French of its own.
_SAID_BY_ARGPARSE = (
    ("the following arguments are required:", "il manque"),
    ("unrecognized arguments:", "options inconnues\u00a0:"),
    ("ambiguous option:", "option ambiguë\u00a0:"),
    (" could match", ", ce peut être"),
    (": ignored explicit argument", " ne prend pas de valeur, ici"),
    ("one of the arguments", "il faut une des options"),
    (" is required", ""),
    ("not allowed with argument", "ne va pas avec"),
    ("expected one argument", "il faut une valeur"),
    ("invalid choice:", "valeur inconnue\u00a0:"),
    ("choose from", "au choix\u00a0:"),
    ("argument ", ""),
)


class _OneLineParser(argparse.ArgumentParser):
    """A parser whose errors are one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        told = " ".join(message.split())
        for english, french in _SAID_BY_ARGPARSE:
            told = told.replace(english, french)
        self.exit(REFUSED, f"{self.prog}\u00a0: {told}. Aide\u00a0: {self.prog} --help\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    words = sys.argv[1:] if argv is None else list(argv)
    arguments = _parser(words[0] if words else None).parse_args(words)
    run: Callable[[argparse.Namespace], int] = arguments.run
    try:
        return run(arguments)
    except FileError as error:
        return _refuse(str(error))
    except BrokenPipeError:
        # The reader left (head, less): nothing is wrong, and nothing more can be written.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return OK
    except OSError as error:
        why = error.strerror or error
        return _refuse(f"{error.filename or 'sortie'}\u00a0: écriture impossible ({why})")


def _refuse(problem: str) -> int:
    print(problem, file=sys.stderr)
    return REFUSED


def _parser(command: str | None) -> argparse.ArgumentParser:
    parser = _OneLineParser(prog="python -m matching", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    rank = commands.add_parser("rank", help="the list of every person, or of every offer")
    _add_files(rank)
    rank.add_argument("--top", type=_positive, default=20, help="pairs per list (default 20)")
    rank.add_argument("--by", choices=("person", "offer"), default="person")
    _add_shards(rank)
    rank.set_defaults(run=_rank)
    pathways = commands.add_parser("pathways", help="dated pathways of every person")
    _add_files(pathways)
    pathways.add_argument(
        "--offers-each", type=_count, default=3, metavar="N",
        help="goals: the first N offers a person is not ready for (default 3)",
    )  # fmt: skip
    pathways.add_argument(
        "--no-liked", dest="liked", action="store_false", help="not towards the occupations liked"
    )
    _add_shards(pathways)
    pathways.set_defaults(run=_pathways)
    why = commands.add_parser("explain", help="one pair, opened up")
    _add_files(why)
    why.add_argument("--person", required=True, metavar="ID")
    why.add_argument("--offer", required=True, metavar="ID")
    why.set_defaults(run=_explain)
    resolve = commands.add_parser("resolve", help="everyday words to codes")
    if command == "resolve":
        # Only then, so that ranking does not load what the resolver needs.
        from matching.labels import cli as labels

        labels.add_arguments(resolve)
        resolve.set_defaults(run=labels.run)
    return parser


def _add_files(parser: argparse.ArgumentParser) -> None:
    for name in ("people", "offers", "sessions", "communes"):
        parser.add_argument(f"--{name}", type=Path, required=True, metavar="FILE")
    parser.add_argument("--taxonomy", type=Path, metavar="DIR")
    parser.add_argument("--today", type=_day, required=True, metavar="DATE")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output")


def _add_shards(parser: argparse.ArgumentParser) -> None:
    """Several processes, or several machines (docs/scaling.md)."""
    parser.add_argument("--workers", type=_positive, default=1, help="processes (default 1)")
    parser.add_argument(
        "--parts", type=Path, metavar="DIR", help="one Parquet file per shard, kept: see --shard"
    )
    parser.add_argument("--shard", type=_positive, metavar="N", help="people or offers per shard")
    parser.add_argument("--scheduler", metavar="ADDRESS", help="Dask: tcp://… or tls://…")
    for name in ("ca", "cert", "key"):
        parser.add_argument(f"--tls-{name}", metavar="PEM")


def _count(text: str) -> int:
    return 0 if text == "0" else _positive(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 9 or int(text) < 1:
        raise argparse.ArgumentTypeError(f"il faut un nombre entier d’au moins 1, pas {text!r}")
    return int(text)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"il faut une date AAAA-MM-JJ, pas {text!r}") from None


def _records(arguments: argparse.Namespace) -> Records:
    taxonomy = load_taxonomy(arguments.taxonomy) if arguments.taxonomy else Taxonomy()
    people, offers = read_people(arguments.people), read_offers(arguments.offers)
    sessions, communes = read_sessions(arguments.sessions), read_communes(arguments.communes)
    return Records(people, offers, sessions, Ground(communes, taxonomy, arguments.today))


def _index(arguments: argparse.Namespace) -> Index:
    people, offers, sessions, ground = _records(arguments)
    index = Index.build(people, offers, sessions, *ground)
    _report_unlocated(index.unlocated)
    return index


def _report_unlocated(codes: Sequence[str]) -> None:
    if codes:
        shown = ", ".join(codes[:_SHOWN_COMMUNES]) + ("…" if len(codes) > _SHOWN_COMMUNES else "")
        print(f"communes sans coordonnées connues ({len(codes)})\u00a0: {shown}", file=sys.stderr)


def _rank(arguments: argparse.Namespace) -> int:
    if arguments.parts or arguments.scheduler:
        top = arguments.top
        return _by_shards(
            arguments, PersonLists(top) if arguments.by == "person" else OfferLists(top)
        )
    index = _index(arguments)
    lines = rank_lines(index, by=arguments.by, top=arguments.top, workers=arguments.workers)
    write_lines(lines, arguments.out)
    return OK


def _pathways(arguments: argparse.Namespace) -> int:
    goals = Goals(arguments.offers_each, arguments.liked)
    if arguments.parts or arguments.scheduler:
        return _by_shards(arguments, PersonPathways(goals))
    index = _index(arguments)
    write_lines(pathway_lines(index, goals, workers=arguments.workers), arguments.out)
    return OK


def _by_shards(arguments: argparse.Namespace, work: Work) -> int:
    try:
        # Only then: this is the one part of the program that may leave the machine.
        from matching.cluster.command import by_shards
        from matching.cluster.crew import ClusterError
    except ModuleNotFoundError as error:
        return _refuse(f"il manque {error.name}\u00a0: installez ecluse[cluster]")
    if not arguments.parts:
        return _refuse("--scheduler\u00a0: il faut aussi --parts, le dossier des résultats")
    records = _records(arguments)
    _report_unlocated(records.unlocated)
    try:
        by_shards(records, work, arguments)
    except ClusterError as error:
        return _refuse(str(error))
    return OK


def _explain(arguments: argparse.Namespace) -> int:
    index = _index(arguments)
    person = next((p for p in index.people.people if p.id == arguments.person), None)
    offer = next((o for o in index.offers.offers if o.id == arguments.offer), None)
    if person is None:
        raise FileError(arguments.people, None, f"personne inconnue\u00a0: {arguments.person!r}")
    if offer is None:
        raise FileError(arguments.offers, None, f"offre inconnue\u00a0: {arguments.offer!r}")
    write_lines([explanation_json(explain(index, person, offer))], arguments.out)
    return OK
