"""What becomes of a message whose moment has come: pure rules, without database nor network."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from portal.clock import PARIS

# Domain reference §4.9.
QUIET_FROM = time(20)
QUIET_UNTIL = time(8)
MOST_A_WEEK = 3
WEEK = timedelta(days=7)

MOST_TRIES = 8
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
# Seven waits between eight tries, from the first to the longest in equal steps.
_GROWTH = (LONGEST_WAIT / FIRST_WAIT) ** (1 / (MOST_TRIES - 2))
_JITTER = 0.2


@dataclass(frozen=True, slots=True)
class Send:
    """Hand it over now."""


@dataclass(frozen=True, slots=True)
class Postpone:
    """Not before that instant."""

    until: datetime


@dataclass(frozen=True, slots=True)
class Say:
    """Somebody says it by telephone; why, in French."""

    why: str


@dataclass(frozen=True, slots=True)
class Cancel:
    """It is no longer to be told; why, in French."""

    why: str


@dataclass(frozen=True, slots=True)
class Doubt:
    """It may have gone already, and only a human may send it again."""


Decision = Send | Postpone | Say | Cancel | Doubt


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a message and of its recipient at an instant.

    ``counted``: when the messages of the last seven days were sent to the person, oldest first;
    None for anybody but a person.
    """

    now: datetime
    reachable: bool = True
    provided: bool = True
    closed: str | None = None
    link_dead: bool = False
    stopped: bool = False
    asked_for: bool = False
    can_be_said: bool = True
    expires_at: datetime | None = None
    handed_without_key: bool = False
    handed: bool = False
    counted: Sequence[datetime] | None = None


def decide(facts: Facts) -> Decision:
    """Send, postpone, say, cancel, or leave to a human."""
    if facts.handed_without_key:
        return Doubt()
    if facts.closed is not None:
        return Cancel(facts.closed)
    if facts.expires_at is not None and facts.expires_at <= facts.now:
        return Cancel("trop tard pour l’envoyer")
    if facts.link_dead:
        # The accesses were withdrawn, not the appointment: it is still to be told.
        return _say(facts, "le lien du message ne marche plus")
    if facts.stopped and not facts.asked_for:
        return _say(facts, "cette personne ne veut plus de messages")
    if not facts.provided:
        return _say(facts, "aucun envoi n’est réglé sur ce portail")
    if not facts.reachable:
        return _say(facts, "pas d’adresse utilisable")
    return _when(facts)


def _when(facts: Facts) -> Decision:
    """Now, or when the night and the week leave room.

    What a provider may already have is not held by the week: it counts in it.
    """
    if facts.asked_for:
        return Send()
    moment = facts.now if facts.handed else _room(facts)
    moment = after_quiet_hours(moment)
    if moment <= facts.now:
        return Send()
    if facts.expires_at is not None and moment >= facts.expires_at:
        return _say(facts, "pas de moment pour l’envoyer à temps")
    return Postpone(moment)


def _room(facts: Facts) -> datetime:
    """When fewer than three messages were sent in the last seven days."""
    counted = facts.counted or ()
    if len(counted) < MOST_A_WEEK:
        return facts.now
    return max(facts.now, counted[-MOST_A_WEEK] + WEEK)


def _say(facts: Facts, why: str) -> Decision:
    return Say(why) if facts.can_be_said else Cancel(why)


def after_quiet_hours(instant: datetime) -> datetime:
    """The instant, or the end of the quiet hours it falls in (20:00 to 8:00 in Paris)."""
    here = instant.astimezone(PARIS)
    if QUIET_UNTIL <= here.time() < QUIET_FROM:
        return instant
    day = here.date() + timedelta(days=1 if here.time() >= QUIET_FROM else 0)
    return datetime.combine(day, QUIET_UNTIL, PARIS)


def wait_after(tries: int, asked: timedelta | None, draw: random.Random) -> timedelta:
    """How long to wait after this many tries: one minute to six hours, a fifth more or less."""
    growth = float(_GROWTH ** max(0, tries - 1))
    usual = min(FIRST_WAIT * growth, LONGEST_WAIT) * draw.uniform(1 - _JITTER, 1 + _JITTER)
    return max(usual, asked or timedelta())
