"""What was typed and waits: kept with the offer, apart from what it says."""

from __future__ import annotations

from portal.models import JobOffer


def keep(offer: JobOffer, name: str, text: str, error: str | None) -> None:
    """Keep what was typed in a field, with why it is not recorded."""
    offer.typed = {**offer.typed, name: {"text": text, "error": error}}


def forget(offer: JobOffer, name: str) -> None:
    """The field is recorded, or emptied: nothing waits any more."""
    if name in offer.typed:
        offer.typed = {key: value for key, value in offer.typed.items() if key != name}


def text_of(offer: JobOffer, name: str) -> str | None:
    """What waits in a field."""
    waiting = offer.typed.get(name)
    return str(waiting["text"]) if waiting else None


def error_of(offer: JobOffer, name: str) -> str | None:
    """Why it waits."""
    waiting = offer.typed.get(name)
    return str(waiting["error"]) if waiting and waiting["error"] else None
