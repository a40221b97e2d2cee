"""The data layout of lists made in bulk: integers only, so that a pair costs a few additions.

**Codes.** What offers and sessions ask is a number, a *code*: one subject (skill or credential) at
one threshold (level, or day on which the credential must be valid). Codes of a subject follow each
other by threshold, and subjects of a group of skills follow each other, so that what is told of one
is written over a slice.

**Answers.** A person is a vector with a packed number per code: what the code adds to the counts
of an offer (``ONE_*``: unknown, doubt, gap), 0 when it is met. A second half, read by what is only
desired, adds ``ONE_DESIRED`` where the code is met. An offer is the row of its codes, so the sum of
the answers at its codes is the four counts of the pair. Offers are in the order of their places.

**Nearness.** Travel grows with kilometres: a person goes up to a number of kilometres, and the
offers of a commune, nearest first, are in reach up to a position (see ``reach``).

**Keys.** Group and documented keys 1 to 6 are packed in 63 bits (``keys.py``), smallest first;
equity has no part in a person's list, and the digest is computed for ties alone (``settle``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csc_array

from matching.bulk.families import Families, families_of
from matching.bulk.keys import MOST_ROWS
from matching.ordering import Interest
from matching.records import Person, Taxonomy
from matching.requirements import (
    Key,
    RequirementTable,
    Subject,
    SubjectKind,
    best_by_group,
    facts_of,
)
from matching.sessions import HORIZON_DAYS, SessionTable
from matching.travel import Ints

if TYPE_CHECKING:
    from matching.offers import OfferTable
    from matching.people import Holders, PeopleTable

Codes = NDArray[np.int32]


class Board(NamedTuple):
    """Offers and the sessions that train for them, on a day. Days are ordinals.

    ``row`` holds the codes of offer ``o`` from ``row_first[o]`` to ``row_first[o + 1]``: a code as
    such when it decides, plus ``codes`` when it is desired. ``line[code]`` is the line of ``cover``
    with the sessions that bring it (only those with seats that start from today on, in the order of
    their end), -1 where no offer asks it. The occupation after the last one, which nobody wants, is
    that of offers withdrawn (``Stage.hiding``). ``before`` holds the codes of each session's
    prerequisites. Codes of subject ``s`` are from ``subject_first[s]`` to ``subject_after[s]``,
    those of group ``g`` from ``group_first[g]`` to ``group_first[g + 1]``. ``subject_bits``,
    ``group_bit`` and ``asks`` are those of ``Families``.
    """

    today: int
    horizon: int
    codes: int
    threshold: Ints
    subject_first: Ints
    subject_after: Ints
    group_first: Ints
    line: Codes
    row_first: Ints
    row: Codes
    wanted: Ints
    latest: Ints
    occupation: Ints
    occupations: int
    cover_first: Ints
    cover: Codes
    start: Ints
    end: Ints
    before_first: Ints
    before: Codes
    subject_bits: Ints
    group_bit: Ints
    asks: Ints


class Crowd(NamedTuple):
    """People. What is known of person ``p`` is from ``*_first[p]`` to ``*_first[p + 1]``.

    Facts are subjects of the board with what is held; ``best`` the best level by group; ``taste``
    occupations of the board with an ``Interest``, a later one standing over an earlier one.
    """

    available: Ints
    fact_first: Ints
    fact_subject: Codes
    fact_value: Ints
    best_first: Ints
    best_group: Codes
    best_level: Ints
    taste_first: Ints
    taste_occupation: Codes
    taste_value: Ints


class Layout(NamedTuple):
    """A board, with the number of each subject, group and occupation in it.

    ``number`` is that, in the index, of each offer of the board, and ``position`` the contrary;
    ``place_first`` is where the offers of each place begin.
    """

    board: Board
    number: Ints
    position: Ints
    place_first: Ints
    subjects: Mapping[Subject, int]
    groups: Mapping[str, int]
    occupations: Mapping[str, int]


def lay_out(offers: OfferTable, sessions: SessionTable, today: int) -> Layout:
    """The board of a day. ``ValueError`` when an offer asks more than ``MOST_ROWS`` things."""
    subjects = _subjects(offers.requirements, sessions.prerequisites)
    number = np.argsort(offers.place, kind="stable")
    asked = _asked(offers.requirements, sessions.prerequisites, number, subjects)
    groups = len(offers.requirements.groups)
    line, cover_first, cover = _cover(asked, list(subjects), sessions, today)
    board = Board(
        today,
        today + HORIZON_DAYS,
        len(asked.subject),
        asked.threshold,
        *_codes_of_subjects(asked),
        np.searchsorted(asked.group_of[asked.subject], np.arange(groups + 1)),
        line,
        asked.row_first,
        asked.row,
        offers.start_wanted[number],
        offers.start_latest[number],
        offers.occupation[number],
        len(offers.occupations),
        cover_first,
        cover,
        sessions.start,
        sessions.end,
        _first(sessions.prerequisites.owner, len(sessions.sessions)),
        asked.before,
        *_families(asked, groups),
    )
    return Layout(
        board,
        number,
        np.argsort(number),
        _first(offers.place, len(offers.places.codes)),
        subjects,
        offers.requirements.groups,
        {name: n for n, name in enumerate(offers.occupations)},
    )


def _subjects(rows: RequirementTable, needs: RequirementTable) -> dict[Subject, int]:
    # Those of sessions first: a few offers that change are laid out at little cost.
    subjects = dict(needs.subjects)
    for subject in rows.subjects:
        subjects.setdefault(subject, len(subjects))
    return subjects


class _Asked(NamedTuple):
    """Codes (subject and threshold), rows of the offers and prerequisites as codes.

    ``group_of`` has the group of each subject, -1 without.
    """

    subject: Ints
    threshold: Ints
    group_of: Ints
    row_first: Ints
    row: Codes
    before: Codes


def _asked(
    rows: RequirementTable, needs: RequirementTable, number: Ints, subjects: Mapping[Subject, int]
) -> _Asked:
    position = np.empty(len(number), dtype=np.int64)
    position[number] = np.arange(len(number))
    listed = np.flatnonzero(rows.decides | rows.desired)
    listed = listed[np.argsort(position[rows.owner[listed]], kind="stable")]
    row_first = _first(position[rows.owner[listed]], len(number))
    if np.diff(row_first).max(initial=0) > MOST_ROWS:
        raise ValueError(f"an offer asks more than {MOST_ROWS} things")
    subject = _renumbered(rows, subjects)
    group_of = np.full(len(subjects), -1, dtype=np.int64)
    group_of[subject] = rows.group
    by_group = np.argsort(group_of, kind="stable")
    rank = np.empty_like(by_group)
    rank[by_group] = np.arange(len(rank))
    asked = rank[np.concatenate((subject[listed], needs.subject))]
    at = np.concatenate((rows.threshold[listed], needs.threshold))
    # Thresholds are levels or ordinals of days: far below 2**32.
    pairs, code = np.unique(asked << 32 | at, return_inverse=True)
    row = code[: len(listed)] + len(pairs) * rows.desired[listed]
    before = code[len(listed) :].astype(np.int32)
    codes = by_group[pairs >> 32], pairs & 2**32 - 1
    return _Asked(*codes, group_of, row_first, row.astype(np.int32), before)


def _codes_of_subjects(asked: _Asked) -> tuple[Ints, Ints]:
    """Where the codes of each subject begin and end."""
    first, after = np.zeros((2, len(asked.group_of)), dtype=np.int64)
    begins = np.flatnonzero(np.diff(asked.subject, prepend=-1))
    first[asked.subject[begins]] = begins
    after[asked.subject[begins]] = np.append(begins[1:], len(asked.subject))
    return first, after


def _families(asked: _Asked, groups: int) -> Families:
    owners = len(asked.row_first) - 1
    decides = np.flatnonzero(asked.row < len(asked.subject))
    owner = np.repeat(np.arange(owners), np.diff(asked.row_first))[decides]
    return families_of(asked.subject[asked.row[decides]], owner, owners, asked.group_of, groups)


def _renumbered(rows: RequirementTable, subjects: Mapping[Subject, int]) -> Ints:
    numbers = np.array([subjects[subject] for subject in rows.subjects], dtype=np.int64)
    return numbers[rows.subject]


def _first(owner: Ints, owners: int) -> Ints:
    """Where the rows of each owner begin, rows being in the order of their owners."""
    return np.concatenate(([0], np.cumsum(np.bincount(owner, minlength=owners)))).astype(np.int64)


def _cover(
    asked: _Asked, subjects: Sequence[Subject], sessions: SessionTable, today: int
) -> tuple[Codes, Ints, Codes]:
    """The line of each code, and the usable sessions of each line."""
    usable = sessions.has_seats & (sessions.start >= today)
    lines: dict[tuple[int, int], int] = {}
    found: list[Ints] = []
    line = np.full(len(asked.subject), -1, dtype=np.int32)
    deciding = np.unique(asked.row[asked.row < len(line)])
    pairs = zip(asked.subject[deciding].tolist(), asked.threshold[deciding].tolist(), strict=True)
    for code, (number, threshold) in zip(deciding.tolist(), pairs, strict=True):
        subject = subjects[number]
        level = threshold if subject.kind is SubjectKind.SKILL else 0
        if (number, level) not in lines:
            lines[number, level] = len(found)
            numbers, levels = sessions.grants.get(subject, (_NONE, _NONE))
            found.append(numbers[(levels >= level) & usable[numbers]])
        line[code] = lines[number, level]
    sizes = np.array([len(one) for one in found], dtype=np.int64)
    cover = np.concatenate([_NONE, *found]).astype(np.int32)
    return line, np.concatenate(([0], np.cumsum(sizes))).astype(np.int64), cover


_NONE: Ints = np.zeros(0, dtype=np.int64)


def crowd_of(people: PeopleTable, number: Ints, layout: Layout, taxonomy: Taxonomy) -> Crowd:
    """The people of a table, in an order (all their numbers), as this board reads them."""
    place = np.argsort(number)
    facts = _by_person(_numbered(people.facts, layout.subjects), place)
    best = _by_person(_numbered(people.groups, layout.groups), place)
    taste = _by_person(_tastes(people, layout, taxonomy), place)
    return Crowd(people.available_from[number], *facts, *best, *taste)


def crowd_of_one(person: Person, layout: Layout, taxonomy: Taxonomy) -> Crowd:
    """A crowd of one person, in the index or not: their number is 0."""
    facts = _known(facts_of(person), layout.subjects)
    best = _known(best_by_group(person, taxonomy.group_of), layout.groups)
    taste = _known(tastes_of(person, taxonomy), layout.occupations)
    return Crowd(np.array([person.available_from.toordinal()]), *facts, *best, *taste)


def tastes_of(person: Person, taxonomy: Taxonomy) -> dict[str, int]:
    """The occupations that a person does not find neutral, as values of ``Interest``."""
    liked = [code for code, value in person.interests.items() if value > 0]
    known = [taxonomy.occupations[code] for code in liked if code in taxonomy.occupations]
    found: dict[str, int] = {
        code: Interest.NEIGHBOUR for occupation in known for code in occupation.neighbours
    }
    for code, value in person.interests.items():
        found[code] = Interest.LIKED if value > 0 else Interest.DISLIKED
    return found


def _known(held: Mapping[Key, int], numbers: Mapping[Key, int]) -> tuple[Ints, Codes, Ints]:
    pairs = [(numbers[key], value) for key, value in held.items() if key in numbers]
    table = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return np.array([0, len(pairs)]), table[:, 0].astype(np.int32), table[:, 1].copy()


Entries = Iterable[tuple[int, Ints, Ints]]


def _numbered(held: Mapping[Key, Holders], known: Mapping[Key, int]) -> Entries:
    for key, (numbers, values) in held.items():
        if key in known:
            yield known[key], numbers, values


def _tastes(people: PeopleTable, layout: Layout, taxonomy: Taxonomy) -> Entries:
    """Neighbours of liked occupations first, then what was said of each occupation itself."""
    for code, (numbers, values) in people.interests.items():
        occupation = taxonomy.occupations.get(code)
        fond = numbers[values > 0]
        for other in occupation.neighbours if occupation else ():
            if other in layout.occupations:
                near = np.full(len(fond), Interest.NEIGHBOUR, dtype=np.int64)
                yield layout.occupations[other], fond, near
    for code, (numbers, values) in people.interests.items():
        if code in layout.occupations:
            said = np.where(values > 0, Interest.LIKED, Interest.DISLIKED).astype(np.int64)
            yield layout.occupations[code], numbers, said


def _by_person(entries: Entries, place: Ints) -> tuple[Ints, Codes, Ints]:
    """Entries (what, people, values) as rows by the place of people, otherwise as they came."""
    given = list(entries)
    sizes = np.array([len(numbers) for _, numbers, _ in given], dtype=np.int64)
    what = np.repeat(np.array([key for key, _, _ in given], dtype=np.int32), sizes)
    who = np.concatenate([_NONE, *(numbers for _, numbers, _ in given)])
    value = np.concatenate([_NONE, *(values for _, _, values in given)])
    # A column per entry, a line per person: turned without a sort.
    table = csc_array(
        (np.arange(len(who)), place[who], np.append(0, np.cumsum(sizes))), (len(place), len(given))
    ).tocsr()
    order = table.data
    return table.indptr.astype(np.int64), what[order], value[order]
