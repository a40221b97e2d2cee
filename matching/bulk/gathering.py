"""What is around the people of a commune, put side by side, in loops made to be compiled."""

from __future__ import annotations

import numpy as np

from matching.bulk.jit import compiled, compiled_inside
from matching.bulk.layout import Board
from matching.bulk.reach import REMOTE_KM, Land, Parties, Party
from matching.bulk.scratch import Scratch
from matching.travel import Ints


@compiled
def gather(board: Board, land: Land, parties: Parties, n: int, work: Scratch) -> Party:
    """The ``n``-th party, as ``reach.party_at`` makes it, with what ``weigh`` and ``prefer`` read
    of its offers."""
    offers = line_up(board, land, parties, n, work)
    order_by_trade(offers, work)
    measure_sessions(land, parties, n, work)
    own = slice(parties.first[n], parties.first[n + 1])
    people, limit, ends = parties.people[own], parties.limit[own], parties.ends[own]
    return Party(people, limit, ends, work.offer[:offers], work.near[:offers], work.session_km)


@compiled_inside
def measure_sessions(land: Land, parties: Parties, n: int, work: Scratch) -> None:
    """Put in ``session_km`` how far sessions are."""
    by_place = work.by_place
    by_place[:] = np.inf
    by_place[-1] = REMOTE_KM
    for near in range(parties.begins[n], parties.begins[n + 1]):
        by_place[parties.place[near]] = parties.km[near]
    for session in range(len(land.session_place)):
        work.session_km[session] = by_place[land.session_place[session]]


@compiled_inside
def line_up(board: Board, land: Land, parties: Parties, n: int, work: Scratch) -> int:
    """Put side by side the offers around a party and what they ask; how many."""
    farthest, offers, late = 0, 0, 0
    for person in range(parties.first[n], parties.first[n + 1]):
        farthest = max(farthest, parties.within[person, 0])
    for near in range(parties.begins[n], parties.begins[n] + farthest):
        place = parties.place[near]
        for offer in range(land.first[place], land.after[place]):
            work.offer[offers], work.near[offers] = offer, near
            for word in range(4):
                work.asks[word, offers] = board.asks[offer, word]
            work.trade[offers] = board.occupation[offer]
            work.late[late] = offers
            late += board.wanted[offer] < board.today
            offers += 1
    work.late[late] = offers
    return offers


@compiled_inside
def order_by_trade(offers: int, work: Scratch) -> None:
    """Put in ``of_trade`` these first offers by occupation."""
    first = work.trade_first
    first[:] = 0
    for at in range(offers):
        first[work.trade[at]] += 1
    for trade in range(1, len(first)):
        first[trade] += first[trade - 1]
    for at in range(offers):
        trade = work.trade[at]
        first[trade] -= 1
        work.of_trade[first[trade]] = at


@compiled
def room_for(room: Ints, filled: int, found: int) -> Ints:
    """The columns of ``Found``, larger where so many more do not fit."""
    if filled + found <= room.shape[1]:
        return room
    larger = np.empty((len(room), 2 * room.shape[1] + found), dtype=np.int64)
    larger[:, :filled] = room[:, :filled]
    return larger


@compiled_inside
def keep(room: Ints, filled: int, found: int, party: Party, work: Scratch) -> None:
    """Write in the columns of ``Found`` the pairs found, in ``order``, after those there are."""
    for n in range(found):
        one, to = work.order[n], filled + n
        at = work.at[one]
        room[0, to], room[1, to] = party.offer[at], party.near[at]
        room[2, to], room[3, to], room[4, to] = work.key[one], work.day[one], work.packed[one]
