"""A proposal of assignment as a page says it: lines, who is left and why, what lacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.hubs.assignment import Problem, Spot
from portal.matchmaking import cohorts as engine
from portal.models import CohortMembership, PairChoice
from portal.text import N_
from portal.web.filters import minutes_text

_BARS = {
    engine.Bar.REFUSED_BY_PERSON: N_("la personne refuse"),
    engine.Bar.REFUSED_BY_COMPANY: N_("l’employeur refuse"),
    engine.Bar.FORBIDDEN: N_("vous avez écarté cette possibilité"),
    engine.Bar.NO_CAPACITY: N_("plus de place"),
    engine.Bar.GAP: N_("ne sait pas encore ce que le poste demande le premier jour"),
    engine.Bar.OUT_OF_REACH: N_("trop loin avec ses moyens de transport"),
    engine.Bar.UNKNOWN_TRAVEL: N_("trajet inconnu\u00a0: commune à demander"),
    engine.Bar.FULL: N_("places prises par d’autres"),
}
_FAULTS = {
    engine.PinFault.UNKNOWN: N_("la personne ou la place n’est plus à affecter"),
    engine.PinFault.BARRED: N_("un refus s’y oppose"),
    engine.PinFault.TOO_MANY_FOR_PERSON: N_("une personne n’a qu’une place"),
    engine.PinFault.TWICE_IN_WAVE: N_("une personne n’est qu’à un endroit dans une vague"),
    engine.PinFault.TOO_MANY_FOR_PLACE: N_("il n’y a pas assez de places"),
}


@dataclass(frozen=True, slots=True)
class PlacedLine:
    """One proposed pair."""

    member: CohortMembership
    spot: Spot
    value: str
    travel: str
    group: str | None
    warning: str | None
    pinned: bool
    said: Sequence[PairChoice]


@dataclass(frozen=True, slots=True)
class LeftLine:
    """Somebody without a place: why, place by place, and what they are in conflict with."""

    member: CohortMembership
    reasons: Sequence[str]
    conflict: str | None


@dataclass(frozen=True, slots=True)
class ProposalView:
    """A proposal in words."""

    placed: Sequence[PlacedLine]
    left: Sequence[LeftLine]
    shortages: Sequence[str]
    broken: Sequence[str]
    travel: str

    @property
    def people(self) -> int:
        """How many people were to be placed."""
        return len(self.placed) + len(self.left)


def view_of(problem: Problem) -> ProposalView:
    """The proposal of a problem, in words, by name of person."""
    proposal = problem.proposal
    placed = [_placed(problem, row) for row in proposal.assignments]
    left = [_left(problem, row) for row in proposal.unplaced]
    total = proposal.totals.seconds / 60 if proposal.totals else 0.0
    return ProposalView(
        placed=sorted(placed, key=lambda line: _name(line.member)),
        left=sorted(left, key=lambda line: _name(line.member)),
        shortages=[_shortage(problem, row) for row in proposal.shortages],
        broken=[_broken(problem, row) for row in proposal.broken],
        travel=minutes_text(total),
    )


def _name(member: CohortMembership) -> tuple[str, int]:
    return member.person.search_name, member.id


def _placed(problem: Problem, row: engine.Assignment) -> PlacedLine:
    member, spot = problem.members[row.candidate], problem.spots[row.place]
    known = row.seconds is not None
    return PlacedLine(
        member=member,
        spot=spot,
        value=f"{row.candidate}:{row.place}",
        travel=minutes_text((row.seconds or 0) / 60) if known else str(_("à demander")),
        group=row.group.value if row.group else None,
        warning=str(_(_BARS[row.flag])) if row.flag else None,
        pinned=row.pinned,
        said=sorted(problem.choices(member, spot.commitment)),
    )


def _left(problem: Problem, row: engine.Unplaced) -> LeftLine:
    reasons = [
        f"{_places(problem, reason.places)}\u00a0: {_(_BARS[reason.bar])}" for reason in row.reasons
    ]
    conflict = _conflict(problem, row.conflict) if row.conflict else None
    return LeftLine(problem.members[row.candidate], reasons, conflict)


def _places(problem: Problem, ids: Sequence[str]) -> str:
    return ", ".join(problem.spots[name].label for name in ids)


def _people(problem: Problem, ids: Sequence[str]) -> str:
    return ", ".join(problem.members[name].person.short_name for name in ids)


def _conflict(problem: Problem, found: engine.Conflict) -> str:
    """« 5 personnes ne peuvent aller que dans 3 places »: the smallest set that cannot hold."""
    people = len(found.people) + len(found.pins)
    counted = ngettext(
        "%(num)d personne ne peut aller que là",
        "%(num)d personnes ne peuvent aller que là",
        people,
    )
    seats = ngettext("%(num)d place", "%(num)d places", found.seats)
    every = [*found.people, *(pin.candidate for pin in found.pins)]
    return str(
        _(
            "%(people)s, pour %(seats)s (%(where)s)\u00a0: %(names)s",
            people=counted,
            seats=seats,
            where=_places(problem, found.places),
            names=_people(problem, every),
        )
    )


def _shortage(problem: Problem, found: engine.Shortage) -> str:
    lacking = ngettext("Il manque %(num)d place", "Il manque %(num)d places", found.missing)
    people = ngettext(
        "%(num)d personne ne peut aller que là",
        "%(num)d personnes ne peuvent aller que là",
        len(found.people) + len(found.pins),
    )
    where = _places(problem, found.places)
    return f"{lacking} ({where})\u00a0: {people}."


def _broken(problem: Problem, found: engine.BrokenPins) -> str:
    pins = ", ".join(_pin(problem, pin) for pin in found.pins)
    reason = _BARS[found.bar] if found.bar else _FAULTS[found.fault]
    return f"{pins}\u00a0: {_(reason)}"


def _pin(problem: Problem, pin: engine.Pairing) -> str:
    member, spot = problem.members.get(pin.candidate), problem.spots.get(pin.place)
    name = member.person.short_name if member else "?"
    return f"{name} → {spot.label if spot else '?'}"
