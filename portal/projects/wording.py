"""How counts and gaps are said, on a page, in the picture and in the export alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask_babel import gettext as _

from portal.access.actor import Actor
from portal.projects.rules import Range

if TYPE_CHECKING:
    from portal.projects.planning import Cell


def count_text(count: Range) -> str:
    """« 12 », or « moins de 5 » for a count that may not be said."""
    return str(count.low) if count.exact else str(_("moins de %(num)d", num=count.high + 1))


def gap_text(missing: Range) -> str:
    """« 30 », or « 26 à 29 » where a count may not be said."""
    if missing.exact:
        return str(missing.low)
    return str(_("%(low)d à %(high)d", low=missing.low, high=missing.high))


def range_text(count: Range) -> str:
    """« 12 », « moins de 5 », or « 6 à 9 »: a count of people, perhaps added up."""
    return count_text(count) if count.low <= 1 else gap_text(count)


def cell_sentence(trade: str, cell: Cell) -> str:
    """What a cell of the picture says, in words."""
    start = f"{trade}, {cell.quarter.label}"
    if cell.people is None or cell.seats is None or cell.missing is None:
        return f"{start}\u00a0: {_('à compter')}"
    return str(
        _(
            "%(start)s\u00a0: %(jobs)d postes d’ici là, %(ready)s personnes prêtes,"
            " %(training)s en formation, %(seats)d places libres, écart %(missing)s",
            start=start,
            jobs=cell.jobs_so_far,
            ready=count_text(cell.people.ready),
            training=range_text(cell.people.in_training),
            seats=cell.seats.free,
            missing=gap_text(cell.missing),
        )
    )


def scope_text(actor: Actor) -> str:
    """Whose people are counted: those of the actor's département, or all."""
    if actor.departement_code is None:
        return str(_("toutes les personnes accompagnées"))
    return str(_("personnes accompagnées du département %(code)s", code=actor.departement_code))
