"""How to go there, in the few words of a message."""

from __future__ import annotations

from portal.matchmaking.travel import fastest
from portal.messages.tongues import FRENCH, Tongue
from portal.models import Invitation
from portal.text import N_

_BY = {
    "walk": N_("Environ %(minutes)s min à pied"),
    "bike": N_("Environ %(minutes)s min à vélo"),
    "bus": N_("Environ %(minutes)s min en bus"),
    "moped": N_("Environ %(minutes)s min en scooter"),
    "car": N_("Environ %(minutes)s min en voiture"),
}
_LONGEST = 180


def travel_words(invitation: Invitation, _: Tongue = FRENCH) -> str:
    """« Environ 25 min en bus »; nothing when a place is unknown or too far to be a good guess."""
    person = invitation.person
    found = fastest(person.mode_list, person.commune, invitation.commune)
    if found is None or found[1] > _LONGEST:
        return ""
    mode, minutes = found
    return _(_BY[mode], minutes=max(5, round(minutes / 5) * 5))
