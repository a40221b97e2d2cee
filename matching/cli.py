"""``python -m matching``: rank, pathways, explain and resolve, on files alone."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from matching import options
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
from matching.output import explanation_json, why_unwritable, write_lines
from matching.pathways.everyone import Goals
from matching.records import Taxonomy
from matching.rome import load_taxonomy
from matching.shards import Ground, Records
from matching.words import REFUSED, FrenchParser

OK, INTERRUPTED = 0, 130
_SHOWN_COMMUNES = 5
_ABOUT = """\
Le moteur de rapprochement d’Écluse, sur des fichiers seuls\u00a0: ni portail, ni base de données.
«\u00a0python -m matching COMMANDE --help\u00a0» dit ce que prend chaque commande."""


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
        return _refuse(why_unwritable(error))
    except KeyboardInterrupt:
        print("Arrêté.", file=sys.stderr)
        return INTERRUPTED


def _refuse(problem: str) -> int:
    print(problem, file=sys.stderr)
    return REFUSED


def _parser(command: str | None) -> FrenchParser:
    parser = FrenchParser(prog="python -m matching", description=_ABOUT, epilog=options.ENDING)
    commands = parser.add_subparsers(required=True, metavar="COMMANDE", title="commandes")

    def add(name: str, told: options.Told) -> FrenchParser:
        ending = f"{told.example}\n\n{options.ENDING}"
        made: FrenchParser = commands.add_parser(
            name, help=told.short, description=told.about, epilog=ending
        )
        return made

    rank = add("rank", options.RANK)
    options.add_rank(rank)
    rank.set_defaults(run=_rank)
    pathways = add("pathways", options.PATHWAYS)
    options.add_pathways(pathways)
    pathways.set_defaults(run=_pathways)
    why = add("explain", options.EXPLAIN)
    options.add_explain(why)
    why.set_defaults(run=_explain)
    resolve = add("resolve", options.RESOLVE)
    if command == "resolve":
        # Only then, so that ranking does not load what the resolver needs.
        from matching.labels import cli as labels

        labels.add_arguments(resolve)
        resolve.set_defaults(run=labels.run)
    return parser


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
    top, workers = arguments.top, arguments.workers or 1
    idle = options.idle_option(arguments)
    if idle is not None:
        return _refuse(idle)
    if arguments.parts:
        lists = PersonLists(top) if arguments.by == "person" else OfferLists(top)
        return _by_shards(arguments, lists)
    index = _index(arguments)
    write_lines(rank_lines(index, by=arguments.by, top=top, workers=workers), arguments.out)
    return OK


def _pathways(arguments: argparse.Namespace) -> int:
    goals, workers = Goals(arguments.offers_each, arguments.liked), arguments.workers or 1
    idle = options.idle_option(arguments)
    if not goals.offers and not goals.liked:
        idle = "--offers-each 0 et --no-liked\u00a0: il ne reste aucun but, ôtez l’un des deux"
    if idle is not None:
        return _refuse(idle)
    if arguments.parts:
        return _by_shards(arguments, PersonPathways(goals))
    index = _index(arguments)
    write_lines(pathway_lines(index, goals, workers=workers), arguments.out)
    return OK


def _by_shards(arguments: argparse.Namespace, work: Work) -> int:
    try:
        # Only then: this is the one part of the program that may leave the machine.
        from matching.cluster.command import by_shards
        from matching.cluster.errors import ClusterError
    except ModuleNotFoundError as error:
        return _refuse(f"il manque {error.name}\u00a0: installez ecluse[cluster]")
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
