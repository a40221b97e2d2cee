"""How to go there, in the few words of a message."""

from __future__ import annotations

from portal.matchmaking.travel import fastest
from portal.models import Invitation

_BY = {
    "walk": "à pied",
    "bike": "à vélo",
    "bus": "en bus",
    "moped": "en scooter",
    "car": "en voiture",
}
_LONGEST = 180


def travel_words(invitation: Invitation) -> str:
    """« Environ 25 min en bus »; nothing when a place is unknown or too far to be a good guess."""
    person = invitation.person
    found = fastest(person.mode_list, person.commune, invitation.commune)
    if found is None or found[1] > _LONGEST:
        return ""
    mode, minutes = found
    return f"Environ {max(5, round(minutes / 5) * 5)} min {_BY[mode]}"
