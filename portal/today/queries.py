"""The day of an actor: the themes of its role."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.models import Role
from portal.today import (
    calls,
    cohorts,
    contestations,
    deposits,
    enrolments,
    hires,
    hubs,
    immersions,
    messages,
    offers,
    others,
    people,
)
from portal.today.queues import Queue, read_themes
from portal.today.tasks import Desk, Figure, Slot, Theme, cut_in_slots

Provider = Callable[[Desk], Queue | Theme]
Figures = Callable[[Desk], list[Figure]]

_INTRODUCTIONS: tuple[Provider, ...] = (
    offers.to_ask,
    offers.to_send,
    offers.without_answer,
    offers.to_meet,
    offers.to_close,
)
_IMMERSIONS: tuple[Provider, ...] = (
    immersions.to_validate,
    immersions.to_sign,
    immersions.to_assess,
)
_HIRES: tuple[Provider, ...] = (hires.difficulties, hires.news)
_MESSAGES: tuple[Provider, ...] = (messages.to_say, messages.uncertain)
_SEATS: tuple[Provider, ...] = (
    enrolments.holds,
    enrolments.cancelled,
    enrolments.absences,
    enrolments.entries,
)
_COHORTS: tuple[Provider, ...] = (cohorts.to_propose, cohorts.to_ask)
_PEOPLE: tuple[Provider, ...] = (people.to_contact, people.steps, people.matching_sessions)
_THEMES: dict[Role, tuple[Provider, ...]] = {
    Role.ADVISER: (
        calls.to_make,
        contestations.to_answer,
        deposits.needs_to_call,
        offers.to_reconfirm,
        offers.signals,
        hubs.next_steps,
        *_COHORTS,
        *_HIRES,
        enrolments.holds,
        enrolments.cancelled,
        enrolments.absences,
        *_INTRODUCTIONS,
        *_IMMERSIONS,
        *_MESSAGES,
        *_PEOPLE,
    ),
    Role.REFERENT: (
        calls.to_make,
        contestations.to_answer,
        hubs.next_steps,
        *_COHORTS,
        *_HIRES,
        *_SEATS,
        *_PEOPLE,
        *_INTRODUCTIONS,
        *_IMMERSIONS,
        *_MESSAGES,
    ),
    Role.HUB: (
        calls.to_make,
        hubs.jobs_taken_back,
        hubs.seats_to_fill,
        cohorts.meetings_to_close,
        hubs.next_steps,
        enrolments.entries,
        *_HIRES,
        *_IMMERSIONS,
        *_MESSAGES,
    ),
    Role.EMPLOYER: (others.cards_to_answer, immersions.hosted_to_assess),
    Role.TRAINING: (enrolments.to_answer, enrolments.entries, others.seats_to_confirm),
    Role.ADMIN: (
        messages.unknown_numbers,
        others.failed_imports,
        others.links_to_confirm,
        others.duplicates_to_decide,
    ),
    Role.DPO: (others.refusals,),
}
_FIGURES: dict[Role, Figures] = {
    Role.ADVISER: offers.week_figures,
    Role.REFERENT: people.figures,
    Role.HUB: others.catalogue_figures,
    Role.TRAINING: others.catalogue_figures,
    Role.PILOT_REGION: others.catalogue_figures,
    Role.PILOT_DEPARTEMENT: others.catalogue_figures,
}


@dataclass(frozen=True, slots=True)
class Day:
    """What « Ma journée » shows."""

    today: date
    slots: list[Slot]
    more: list[Theme]
    figures: list[Figure]
    new_offers: int
    people: list[int]

    @property
    def count(self) -> int:
        """How many tasks are shown."""
        return sum(len(slot.tasks) for slot in self.slots)


def get_day(session: Session, actor: Actor, today: date) -> Day:
    """The tasks of the actor's role, the figures, and what is new."""
    desk = Desk(session, actor, today)
    themes = read_themes(session, [provider(desk) for provider in _THEMES.get(actor.role, ())])
    tasks = [task for theme in themes for task in theme.tasks]
    make_figures = _FIGURES.get(actor.role)
    return Day(
        today=today,
        slots=cut_in_slots(tasks, today),
        more=[theme for theme in themes if theme.hidden > 0 and theme.more_href],
        figures=make_figures(desk) if make_figures else [],
        new_offers=offers.newly_shared(desk),
        people=sorted({person for task in tasks for person in task.people}),
    )
