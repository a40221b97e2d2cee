"""How long it takes to go there, by the person's own means."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from portal.matchmaking.travel import fastest
from portal.models import Commune, Person
from portal.recipients.saying_dates import duration
from portal.text import N_

_BY_MODE = {
    "walk": N_("à pied"),
    "bike": N_("à vélo"),
    "bus": N_("en bus"),
    "moped": N_("en scooter ou en moto"),
    "car": N_("en voiture"),
}
# Beyond, straight lines and paces are no good guess.
_LONGEST = 180
_ROUNDED_TO = 5


@dataclass(frozen=True, slots=True)
class Trip:
    """Minutes one way, rounded to five, and the means."""

    minutes: int
    mode: str

    @property
    def text(self) -> str:
        """« Environ 25 min en bus. »"""
        minutes = duration(self.minutes)
        return str(_("Environ %(minutes)s %(mode)s.", minutes=minutes, mode=_(_BY_MODE[self.mode])))


def trip(person: Person, commune: Commune | None) -> Trip | None:
    """The fastest trip by the person's means; None when a place is unknown or far away."""
    found = fastest(person.mode_list, person.commune, commune)
    if found is None or found[1] > _LONGEST:
        return None
    mode, minutes = found
    return Trip(max(_ROUNDED_TO, round(minutes / _ROUNDED_TO) * _ROUNDED_TO), mode)
