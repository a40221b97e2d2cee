"""How counts and gaps are said, on a page, in the picture and in the export alike."""

from __future__ import annotations

from flask_babel import gettext as _

from portal.access.actor import Actor
from portal.projects.rules import Range


def count_text(count: Range) -> str:
    """« 12 », or « moins de 5 » for a count that may not be said."""
    return str(count.low) if count.exact else str(_("moins de %(num)d", num=count.high + 1))


def gap_text(missing: Range) -> str:
    """« 30 », or « 26 à 29 » where a count may not be said."""
    if missing.exact:
        return str(missing.low)
    return str(_("%(low)d à %(high)d", low=missing.low, high=missing.high))


def scope_text(actor: Actor) -> str:
    """Whose people are counted: those of the actor's département, or all."""
    if actor.departement_code is None:
        return str(_("toutes les personnes accompagnées"))
    return str(_("personnes accompagnées du département %(code)s", code=actor.departement_code))
