"""What a task is, and how the day is cut: late, today, within the week, later."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session, load_only

from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.people import may_write, own_portfolio
from portal.models import Contact, Person
from portal.text import N_

#: Over which contacts with the people followed are counted.
PERIOD = timedelta(days=30)
_SAID = (
    Person.public_id,
    Person.first_name,
    Person.last_name,
    Person.last_contact_on,
    Person.followed_since,
)
_WEEK = timedelta(days=7)


class Followed(NamedTuple):
    """Somebody of the actor's own portfolio, and how many contacts there were of late."""

    person: Person
    contacts: int


@dataclass(frozen=True)
class Desk:
    """Who looks at their day, when, through which session."""

    session: Session
    actor: Actor
    today: date

    @cached_property
    def portfolio(self) -> Sequence[Followed]:
        """The people whom the actor follows in person, by name; read once for the whole day."""
        contacts = (
            select(func.count(Contact.id))
            .where(Contact.person_id == Person.id, Contact.on > self.today - PERIOD)
            .scalar_subquery()
        )
        rows = self.session.execute(
            select(Person, contacts)
            .where(own_portfolio(self.actor), may_write(self.actor))
            .options(load_only(*_SAID))
            .order_by(Person.last_name, Person.first_name, Person.id)
        )
        return [Followed(person, count) for person, count in rows]


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do: what, about what, by when, and the page where it is done.

    ``links``: (text, address) of each thing that the same task stands for, when it groups several.
    """

    due: date
    what: str
    about: str
    href: str
    action: str
    people: tuple[int, ...] = ()
    links: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Theme:
    """Tasks of one kind: the first of them, how many in all, and where the rest is."""

    tasks: Sequence[Task]
    count: int
    more_label: str = ""
    more_href: str | None = None

    @property
    def hidden(self) -> int:
        """How many are not shown."""
        return self.count - len(self.tasks)


@dataclass(frozen=True, slots=True)
class Slot:
    """A part of the day's list: its first tasks are shown, the others unfolded."""

    key: str
    title: str
    tasks: Sequence[Task]
    shown: int

    @property
    def first(self) -> Sequence[Task]:
        """Those shown at once; one more rather than a fold for it alone."""
        return self.tasks if len(self.tasks) <= self.shown + 1 else self.tasks[: self.shown]

    @property
    def rest(self) -> Sequence[Task]:
        """Those behind « Voir les 12 autres »."""
        return self.tasks[len(self.first) :]


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that is never alone: n of N, what, over which period; ``href``: the list of it."""

    count: int
    total: int | None
    what: str
    period: str
    href: str | None = None


# What is late takes the most room: the rest of the day is a touch away.
_SLOTS = (
    ("late", N_("En retard"), 4),
    ("today", N_("Aujourd’hui"), 3),
    ("week", N_("Dans les sept jours"), 2),
    ("later", N_("Ensuite"), 1),
)


def cut_in_slots(tasks: Iterable[Task], today: date) -> list[Slot]:
    """The tasks by slot, each in the order of its day; empty slots are left out."""
    ordered = sorted(tasks, key=lambda task: (task.due, task.what, task.about))
    return [
        Slot(key, title, found, shown)
        for key, title, shown in _SLOTS
        if (found := [task for task in ordered if _slot_of(task.due, today) == key])
    ]


def _slot_of(due: date, today: date) -> str:
    if due < today:
        return "late"
    if due == today:
        return "today"
    return "week" if due <= today + _WEEK else "later"


def working_days_after(day: date, count: int) -> date:
    """The day ``count`` working days after another: no weekend, no public holiday."""
    found = day
    while count:
        found += timedelta(days=1)
        count -= mm.is_working_day(found)
    return found
