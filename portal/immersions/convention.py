"""What the rules read of a convention: plain values, no row and no session."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from portal.immersions.periods import Period
from portal.text import fold


@dataclass(frozen=True, slots=True)
class Right:
    """A right of a structure on file (« pmsmp », « pmsmp_delegation »), with its dates."""

    kind: str
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force that day."""
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Prescriber:
    """A structure asked to prescribe: its kind, and its rights on file."""

    name: str
    kind: str
    rights: tuple[Right, ...] = ()


@dataclass(frozen=True, slots=True)
class Aim:
    """The object of a convention and its objectives, compared as a reader would."""

    object: str
    objectives: str

    def is_same(self, other: Aim) -> bool:
        """Same object, and same objectives but for case, accents and blanks."""
        return self.object == other.object and fold(self.objectives) == fold(other.objectives)


@dataclass(frozen=True, slots=True)
class Earlier:
    """Another convention of the person in the same structure, neither refused nor cancelled.

    ``outcome`` is what its assessment says of its objectives, None without an assessment.
    """

    key: str
    period: Period
    aim: Aim
    renewal_of: str | None = None
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class Convention:
    """A convention to judge.

    ``hours_elsewhere``: weekly hours of the person's immersions in other structures at the same
    time. ``prescribers``: names of the structures one may route to.
    """

    period: Period
    presence_days: int
    weekly_hours: float
    aim: Aim
    tasks: str
    schedule: str
    tutor_name: str
    siret: str | None
    birth_date: date | None
    prescriber: Prescriber | None
    tutor_contact: str = ""
    person_contacts: frozenset[str] = frozenset()
    legal_representative: str = ""
    employed: bool = False
    contract_suspended: bool = False
    employer_agreed: bool = False
    no_replacement: bool = False
    renewal_of: str | None = None
    hours_elsewhere: float = 0.0
    others: tuple[Earlier, ...] = ()
    prescribers: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule that does not hold: why, by which article, and what the law allows instead.

    ``illegal``: no convention may be kept so. Otherwise something is still to be obtained: the
    draft is kept, and cannot go further.
    """

    rule: str
    article: str
    reason: str
    proposal: str
    field: str
    illegal: bool = True


def age_on(birth_date: date, day: date) -> int:
    """Age in whole years; somebody born on 29 February is a year older on 1 March."""
    before = (day.month, day.day) < (birth_date.month, birth_date.day)
    return day.year - birth_date.year - before


def is_minor(birth_date: date | None, day: date, adult_age: int = 18) -> bool:
    """Whether the person is known to be under age that day."""
    return birth_date is not None and age_on(birth_date, day) < adult_age
