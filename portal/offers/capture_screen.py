"""What the capture screen shows around its fields, rebuilt after each answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.models import JobOffer, OfferState
from portal.offers import capture, lookups, requirements, rules, typed
from portal.offers.parsing import CHECKED_LABELS, CHECKED_TEXTS
from portal.offers.wording import Finding, find_discriminating

_SHOWN_EFFECTS = 3
#: Where the answers of a choice are shown, and which field they settle.
LOOKUP_OF = {"occupation_code": "title", "commune_code": "place", "establishment": "employer"}
#: A field that fills another when it was empty.
FOLLOWERS = {"start_wanted": "start_latest", "share_consent_by": "share_consent_on"}
_MOVES_COUNTS = frozenset(
    {"title", "occupation_code", "place", "commune_code", "start_wanted", "start_latest"}
)

_OF_A_SEARCH = frozenset({"title", "occupation_code", "employer", "establishment"})


@dataclass(frozen=True, slots=True)
class FieldState:
    """What is said under a field: recorded at such a time, or why it waits."""

    name: str
    saved_at: str | None = None
    error: str | None = None
    calm: bool = False
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Pool:
    """How many people in each group, and what keeps the most of them away."""

    counts: dict[str, int]
    effects: list[mm.EffectView]


def field_state(offer: JobOffer, name: str, *, saved_at: str | None = None) -> FieldState:
    """What to say under a field."""
    error = typed.error_of(offer, name) or _choice_error(offer, name)
    waiting = typed.text_of(offer, name) or ""
    findings = find_discriminating(waiting) if name in CHECKED_TEXTS and waiting else []
    calm = name in capture.TO_CHOOSE
    return FieldState(name, None if error else saved_at, error, calm, findings)


def _choice_error(offer: JobOffer, name: str) -> str | None:
    """Why what was picked for a field is not recorded."""
    return typed.error_of(offer, choice_field(name)) if name in LOOKUP_OF.values() else None


def states(offer: JobOffer) -> dict[str, FieldState]:
    """What to say under each field that waits, when the page opens."""
    shown = {LOOKUP_OF.get(name, name) for name in offer.typed}
    return {name: field_state(offer, name) for name in shown}


def pool(session: Session, actor: Actor, offer: JobOffer) -> Pool | None:
    """The live panel (T-OFF-06); None until the trade, the place and the date are known."""
    if not (
        offer.occupation_code and offer.commune_code and offer.start_wanted and offer.start_latest
    ):
        return None
    counts = mm.group_counts(session, actor, offer)
    effects = [e for e in mm.simulate(session, actor, offer) if e.gained > 0]
    effects.sort(key=lambda effect: -effect.gained)
    return Pool(counts, effects[:_SHOWN_EFFECTS])


def choices(session: Session, offer: JobOffer, name: str) -> list[lookups.Choice]:
    """What may be meant by what is typed in a field that points to a row."""
    if name == "title":
        return lookups.occupation_choices(session, offer, capture.shown_value(offer, "title"))
    if name == "place":
        return lookups.commune_choices(session, offer)
    return lookups.establishment_choices(session, offer)


def choice_field(name: str) -> str:
    """The field that a choice answers in."""
    return next(choice for choice, typed_in in LOOKUP_OF.items() if typed_in == name)


def flagged(offer: JobOffer) -> list[tuple[str, str]]:
    """(label, text) of what waits because of its wording."""
    waiting = [(name, typed.text_of(offer, name) or "") for name in CHECKED_TEXTS]
    return [(CHECKED_LABELS[name], text) for name, text in waiting if find_discriminating(text)]


def missing(offer: JobOffer) -> list[rules.Missing]:
    """What keeps a draft from opening, what waits included."""
    found = rules.missing_to_open(offer)
    named = {item.field for item in found}
    waiting = [
        rules.Missing(name, error)
        for name in offer.typed
        if (name not in named or name in CHECKED_TEXTS) and (error := typed.error_of(offer, name))
    ]
    return found + waiting


def moves_counts(name: str) -> bool:
    """Whether recording a field may change who is ready."""
    return name in _MOVES_COUNTS or requirements.is_field(name)


def names_a_search(name: str) -> bool:
    """Whether a field says which firm looks for which trade."""
    return name in _OF_A_SEARCH


def changes_requirements(name: str) -> bool:
    """Whether the list of requirements itself may change."""
    return name in ("title", "occupation_code")


def is_draft(offer: JobOffer) -> bool:
    """Whether the offer was never opened."""
    return offer.state is OfferState.DRAFT


def now_text() -> str:
    """« 08:32 », for « enregistré à 8 h 32 »."""
    return clock.now().astimezone(clock.PARIS).strftime("%H:%M")
