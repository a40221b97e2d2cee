"""The card an employer reads: built from named facts alone, frozen when it is sent.

From when the person is available is told as it stands when the card is read: a day that is past
or put off would mislead.

It has no field for a status, a barrier, a birth date or an address (INV-13, T-SEC-01); the last
name joins it only once a meeting is agreed, from the person and not from the card.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.introductions.rules import is_named
from portal.models import Introduction, JobOffer, Person, RequirementKind
from portal.web.filters import date_short, minutes_text

_NOT_KNOWN = (mm.Outcome.UNKNOWN, mm.Outcome.BACKED)
_LEARNT_IN_POST = (RequirementKind.TRAINING_PLANNED, RequirementKind.ON_THE_JOB)


@dataclass(frozen=True, slots=True)
class CardFact:
    """A skill or credential, and how it is known, or how it will be learned."""

    what: str
    how: str
    #: More than the person's own word: seen at work, assessed, a document shown.
    proved: bool = False
    #: Whether ``proved`` was kept: not on the cards sent before it existed.
    tells_proof: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """What an employer reads of a person."""

    first_name: str
    can_do: list[CardFact] = field(default_factory=list)
    will_learn: list[CardFact] = field(default_factory=list)
    to_see_together: list[str] = field(default_factory=list)
    available: str = ""
    travel: str = ""

    def as_json(self) -> dict[str, Any]:
        """What is stored with the introduction."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Card:
        """The card as it was sent."""
        facts = {
            key: [_fact(fact) for fact in stored.get(key, [])] for key in ("can_do", "will_learn")
        }
        return cls(
            first_name=stored.get("first_name", ""),
            to_see_together=list(stored.get("to_see_together", [])),
            available=stored.get("available", ""),
            travel=stored.get("travel", ""),
            **facts,
        )


def _fact(stored: dict[str, Any]) -> CardFact:
    """A stored fact, whatever the version that wrote it: what is not known of it is left out."""
    return CardFact(
        stored.get("what", ""),
        stored.get("how") or "",
        proved=bool(stored.get("proved")),
        tells_proof="proved" in stored,
    )


def build_card(session: Session, person: Person, offer: JobOffer) -> Card:
    """The card as it would be sent now."""
    found = mm.explain(session, person, offer)
    if found is None:
        return Card(person.first_name, available=_available(person.available_from))
    rows = found.requirements
    return Card(
        first_name=person.first_name,
        can_do=[
            CardFact(r.label, r.fact or "", r.proved) for r in rows if r.outcome is mm.Outcome.MET
        ],
        will_learn=[CardFact(r.label, _how_learned(r)) for r in rows if _is_learned(r)],
        to_see_together=[r.label for r in rows if r.decides and r.outcome in _NOT_KNOWN],
        available=_available(person.available_from),
        travel=f"{minutes_text(found.minutes)} {found.mode}" if found.in_reach else "",
    )


def read_card(introduction: Introduction) -> Card:
    """The card that was sent, with the present availability of the person."""
    sent = Card.from_json(introduction.card)
    return replace(sent, available=_available(introduction.person.available_from))


def _is_learned(row: mm.RequirementView) -> bool:
    """What is asked and missing, and all that the employer planned to teach."""
    if row.kind in _LEARNT_IN_POST:
        return row.outcome is not mm.Outcome.MET
    return row.decides and row.outcome is mm.Outcome.GAP


def _how_learned(row: mm.RequirementView) -> str:
    """Where and when a session teaches it, else in post."""
    session = next((choice.row for choice in row.sessions if choice.open and choice.in_time), None)
    if session is None:
        return str(_("avec vous, en poste") if row.kind in _LEARNT_IN_POST else _("à apprendre"))
    place = _("à %(name)s", name=session.commune.name) if session.commune else _("à distance")
    return str(
        _(
            "formation %(place)s, du %(start)s au %(end)s",
            place=place,
            start=date_short(session.start),
            end=date_short(session.end),
        )
    )


def _available(day: date | None) -> str:
    if day is None:  # nobody asked yet: a firm is promised nothing
        return str(_("à voir ensemble"))
    if day <= clock.today():
        return str(_("tout de suite"))
    return str(_("à partir du %(day)s", day=date_short(day)))


def name_for_employer(introduction: Introduction, *, agreed: bool = False) -> str:
    """The first name alone before a meeting is agreed; then the whole name (INV-13).

    ``agreed``: the person agreed to meet the employer, or to try the work there. An employer who
    only asked for it knows no more than before.
    """
    person = introduction.person
    return person.full_name if is_named(introduction, agreed=agreed) else person.first_name
