"""Words of bits that say, for the price of a bit count, what a pair is at best.

What is asked is dealt into ``FAMILIES`` families: a group of skills whole, a subject without group
alone. A person who is known nothing of a family has a doubt at each thing asked of it, so counting
the families that an offer asks of and that they are silent about says how many doubts there are at
least. Subjects are dealt one by one, too, into two words of as many *marks*: a mark that an offer
asks and a person is silent about is something unknown, hence no pair that is ready.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matching.travel import Ints

# Bits of a word, the sign left alone.
FAMILIES = 63
EVERY_BIT = (1 << FAMILIES) - 1
MARKS = 2 * FAMILIES


class Families(NamedTuple):
    """Bits of each subject (a line: its family, its mark in two words) and of each group's family.

    ``asks`` has four words per offer, of what decides: a bit for each family that it asks something
    of, one for each that it asks several things of, and those of the marks that it asks.
    """

    subject_bits: Ints
    group_bit: Ints
    asks: Ints


def families_of(subject: Ints, owner: Ints, owners: int, group_of: Ints, groups: int) -> Families:
    """The families of what these offers ask: ``owner`` asks ``subject``, a row each.

    ``group_of`` has the group of each subject, -1 without. The most asked are dealt first, so that
    what many offers ask is seldom together.
    """
    subjects = len(group_of)
    own = np.where(group_of >= 0, group_of, groups + np.arange(subjects))
    family = _dealt(own[subject], groups + subjects, FAMILIES)
    mark = _dealt(subject, subjects, MARKS)
    bits = np.zeros((subjects, 3), dtype=np.int64)
    bits[:, 0] = 1 << family[own]
    bits[np.arange(subjects), 1 + mark // FAMILIES] = 1 << mark % FAMILIES
    asks = np.zeros((owners, 4), dtype=np.int64)
    pairs, times = np.unique(owner * FAMILIES + family[own[subject]], return_counts=True)
    several = pairs[times > 1]
    np.bitwise_or.at(asks[:, 0], pairs // FAMILIES, 1 << pairs % FAMILIES)
    np.bitwise_or.at(asks[:, 1], several // FAMILIES, 1 << several % FAMILIES)
    np.bitwise_or.at(asks[:, 2:], owner, bits[subject, 1:])
    return Families(bits, 1 << family[:groups], asks)


def _dealt(asked: Ints, kinds: int, hands: int) -> Ints:
    """The hand of each kind."""
    dealt = np.empty(kinds, dtype=np.int64)
    weight = np.bincount(asked, minlength=kinds)
    dealt[np.argsort(-weight, kind="stable")] = np.arange(kinds) % hands
    return dealt
