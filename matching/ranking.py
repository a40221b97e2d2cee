"""The list of a person (offers) and the list of an offer (people): same groups, same keys."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from itertools import repeat
from typing import NamedTuple

import numpy as np

from matching.by_offer import OfferJudgement
from matching.by_person import Judgement
from matching.groups import GROUPS, NO_DAY, Group, Terms, Verdicts
from matching.index import Index
from matching.ordering import INTERESTS, NEVER_PROPOSED, Candidates, Interest, order
from matching.records import Offer, Person, Taxonomy
from matching.travel import Bools, Ints

_UNIX_EPOCH = date(1970, 1, 1).toordinal()


class Pair(NamedTuple):
    """A person and an offer in reach of each other (by id), and what their rank comes from.

    ``unknown``, ``doubt`` and ``gap`` count the requirements that decide, ``desired_met`` the
    desired ones that are met; ``minutes`` is one way, exact.
    """

    person: str
    offer: str
    group: Group
    ready_by: date | None
    unknown: int
    doubt: int
    gap: int
    desired_met: int
    minutes: float
    interest: Interest

    @property
    def disliked(self) -> bool:
        """Whether the person said no to this occupation: the adviser is told."""
        return self.interest is Interest.DISLIKED


class PersonRanking(NamedTuple):
    """The offers of a person, best first, and how many are out of reach, with or without a car."""

    person: str
    offers: tuple[Pair, ...]
    out_of_reach: int
    with_car: int


class OfferRanking(NamedTuple):
    """The people of an offer, best first, and how many are out of reach, with or without a car."""

    offer: str
    people: tuple[Pair, ...]
    out_of_reach: int
    with_car: int


def rank_offers(index: Index, person: Person, top: int | None = None) -> PersonRanking:
    """Every offer in reach of a person (in the index or not), best first.

    Occupations the person dislikes are left out. ``top`` builds only the first pairs.
    """
    judged = index.judge_person(person)
    interest = interests_of(person, index.offers.occupations, index.taxonomy)
    interest = interest[index.offers.occupation]
    offers = index.offers.offers
    listed = np.flatnonzero(judged.in_reach & (interest != Interest.DISLIKED))
    pairs = _candidates(judged, interest, np.asarray(NEVER_PROPOSED), listed)
    ids = [offers[n].id for n in listed]
    best = order(pairs, [f"{offer}|{person.id}" for offer in ids])[:top]
    found = _pairs(pairs, best, repeat(person.id), [ids[n] for n in best])
    return PersonRanking(person.id, found, *_beyond(judged, person.max_minutes))


def rank_people(index: Index, offer: Offer, top: int | None = None) -> OfferRanking:
    """Every person in reach of an offer (in the index or not), best first."""
    judged = index.judge_offer(offer)
    table = index.people
    interest = table.interest(offer.occupation, index.taxonomy)
    listed = np.flatnonzero(judged.in_reach)
    pairs = _candidates(judged, interest, table.last_proposed[listed], listed)
    ids = [table.people[n].id for n in listed]
    best = order(pairs, [f"{offer.id}|{person}" for person in ids])[:top]
    found = _pairs(pairs, best, [ids[n] for n in best], repeat(offer.id))
    return OfferRanking(offer.id, found, *_beyond(judged, table.max_minutes))


def interests_of(person: Person, occupations: Sequence[str], taxonomy: Taxonomy) -> Ints:
    """What a person thinks of each occupation (values of ``Interest``)."""
    liked = {code for code, value in person.interests.items() if value > 0}
    known = [taxonomy.occupations[code] for code in liked if code in taxonomy.occupations]
    thoughts = {code: Interest.NEIGHBOUR for occupation in known for code in occupation.neighbours}
    for code, value in person.interests.items():
        thoughts[code] = Interest.LIKED if value > 0 else Interest.DISLIKED
    return np.array([thoughts.get(code, Interest.NEUTRAL) for code in occupations], dtype=np.int64)


def _candidates(
    judged: Judgement | OfferJudgement, interest: Ints, proposed: Ints, listed: Ints
) -> Candidates:
    verdicts = judged.verdicts
    return Candidates(
        Verdicts(verdicts.group[listed], verdicts.ready_by[listed]),
        Terms(*(column[listed] for column in judged.terms)),
        interest[listed],
        judged.minutes[listed],
        proposed,
    )


def _pairs(
    pairs: Candidates, chosen: Ints, people: Iterable[str], offers: Iterable[str]
) -> tuple[Pair, ...]:
    """The chosen pairs, column by column: one call per pair and no array access."""
    terms, verdicts = pairs.terms, pairs.verdicts
    return tuple(
        map(
            Pair,
            people,
            offers,
            [GROUPS[number] for number in verdicts.group[chosen].tolist()],
            dates_of(verdicts.ready_by[chosen]),
            terms.unknown[chosen].tolist(),
            terms.doubt[chosen].tolist(),
            terms.gap[chosen].tolist(),
            terms.desired_met[chosen].tolist(),
            pairs.minutes[chosen].tolist(),
            [INTERESTS[number] for number in pairs.interest[chosen].tolist()],
        )
    )


def dates_of(days: Ints) -> list[date | None]:
    """Ordinals as dates, ``NO_DAY`` as None."""
    stamps = (days - _UNIX_EPOCH).astype("datetime64[D]")
    stamps[days == NO_DAY] = np.datetime64("NaT")
    return list(stamps.tolist())


def _beyond(judged: Judgement | OfferJudgement, max_minutes: int | Ints) -> tuple[int, int]:
    """How many are out of reach, and how many of those a car would bring in reach."""
    beyond: Bools = ~judged.in_reach
    return int(beyond.sum()), int((beyond & (judged.car_minutes <= max_minutes)).sum())
