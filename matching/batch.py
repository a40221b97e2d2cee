"""Every list, or everyone’s pathways, as JSON lines, by one processor or several: the same lines.

Lists are made all at once (``bulk``), by threads when the loops are compiled. Else several workers
are several processes, and each makes one list after the other; so are long lists of people.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial

from matching.bulk.jit import COMPILED
from matching.bulk.lists import best_offers, rankings
from matching.bulk.offer_lists import best_people, rankings_of_offers
from matching.bulk.scene import MOST_COMPILED
from matching.everyone import PersonPathways, answers, line
from matching.index import Index
from matching.output import offer_ranking_json, person_ranking_json, to_json
from matching.pathways.everyone import Goals, pathways_of_everyone
from matching.pathways.record import pathways_record
from matching.ranking import rank_offers, rank_people

_CHUNKS_PER_WORKER = 4
Lines = Callable[[Index, range], list[str]]


def rank_lines(index: Index, *, by: str, top: int, workers: int) -> Iterator[str]:
    """One line per person (``by`` « person ») or per offer, in the order of the files."""
    if by == "person" and (workers == 1 or COMPILED):
        lists = best_offers(index, top, threads=workers)
        return map(person_ranking_json, rankings(index, lists))
    if by == "offer" and top <= MOST_COMPILED and (workers == 1 or COMPILED):
        people = best_people(index, top, threads=workers)
        return map(offer_ranking_json, rankings_of_offers(index, people))
    owners = len(index.people.people if by == "person" else index.offers.offers)
    if workers == 1 or owners < 2:
        return (_line(index, by, top, number) for number in range(owners))
    return _shared(index, partial(_lines, by=by, top=top), owners, workers)


def pathway_lines(index: Index, goals: Goals, *, workers: int) -> Iterator[str]:
    """One line per person with their pathways, in the order of the files."""
    work = PersonPathways(goals)
    people = len(index.people.people)
    if workers == 1 or people < 2:
        return map(line, answers(index, work))
    return _shared(index, partial(_pathway_lines, goals=goals), people, workers)


def _line(index: Index, by: str, top: int, number: int) -> str:
    if by == "person":
        person = index.people.people[number]
        return person_ranking_json(rank_offers(index, person, top=top))
    return offer_ranking_json(rank_people(index, index.offers.offers[number], top=top))


def _lines(index: Index, numbers: range, *, by: str, top: int) -> list[str]:
    return [_line(index, by, top, number) for number in numbers]


def _pathway_lines(index: Index, numbers: range, *, goals: Goals) -> list[str]:
    found = pathways_of_everyone(index, goals, numbers)
    return [to_json(pathways_record(one)) for one in found]


def _shared(index: Index, lines: Lines, owners: int, workers: int) -> Iterator[str]:
    # Started afresh rather than forked: the same everywhere, with or without threads.
    context = multiprocessing.get_context("spawn")
    step = max(1, -(-owners // (workers * _CHUNKS_PER_WORKER)))
    chunks = [range(start, min(start + step, owners)) for start in range(0, owners, step)]
    with ProcessPoolExecutor(workers, context, _prepare, (index, lines)) as pool:
        for some in pool.map(_chunk, chunks):
            yield from some


# What a worker process was given at its start; never written to in the main process.
_given: list[tuple[Index, Lines]] = []


def _prepare(index: Index, lines: Lines) -> None:
    _given[:] = [(index, lines)]


def _chunk(numbers: range) -> list[str]:
    index, lines = _given[0]
    return lines(index, numbers)
