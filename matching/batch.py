"""Every list of an index as JSON lines, by one processor or several: the lines are the same.

The lists of people are made all at once (``bulk``), by threads when the loops are compiled. Else
several workers are several processes, and each makes one list after the other.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor

from matching.bulk.jit import COMPILED
from matching.bulk.lists import best_offers, rankings
from matching.index import Index
from matching.output import offer_ranking_json, person_ranking_json
from matching.ranking import rank_offers, rank_people

_CHUNKS_PER_WORKER = 4


def rank_lines(index: Index, *, by: str, top: int, workers: int) -> Iterator[str]:
    """One line per person (``by`` « person ») or per offer, in the order of the files."""
    if by == "person" and (workers == 1 or COMPILED):
        lists = best_offers(index, top, threads=workers)
        return map(person_ranking_json, rankings(index, lists))
    owners = len(index.people.people if by == "person" else index.offers.offers)
    if workers == 1 or owners < 2:
        return (_line(index, by, top, number) for number in range(owners))
    return _shared(index, by, top, owners, workers)


def _line(index: Index, by: str, top: int, number: int) -> str:
    if by == "person":
        person = index.people.people[number]
        return person_ranking_json(rank_offers(index, person, top=top))
    return offer_ranking_json(rank_people(index, index.offers.offers[number], top=top))


def _shared(index: Index, by: str, top: int, owners: int, workers: int) -> Iterator[str]:
    # Started afresh rather than forked: the same everywhere, with or without threads.
    context = multiprocessing.get_context("spawn")
    step = max(1, -(-owners // (workers * _CHUNKS_PER_WORKER)))
    chunks = [range(start, min(start + step, owners)) for start in range(0, owners, step)]
    with ProcessPoolExecutor(workers, context, _prepare, (index, by, top)) as pool:
        for lines in pool.map(_chunk, chunks):
            yield from lines


# What a worker process was given at its start; never written to in the main process.
_given: list[tuple[Index, str, int]] = []


def _prepare(index: Index, by: str, top: int) -> None:
    _given[:] = [(index, by, top)]


def _chunk(numbers: range) -> list[str]:
    index, by, top = _given[0]
    return [_line(index, by, top, number) for number in numbers]
