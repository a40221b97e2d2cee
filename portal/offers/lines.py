"""The people of an offer as sentences: who, what is met, to ask, to learn, and how they come."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal import clock
from portal import matchmaking as mm
from portal.models import Introduction
from portal.web.filters import date_short, minutes_text

PAGE = 10


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One line of a band, in words; ``introduction`` when the person is already proposed."""

    public_id: str
    name: str
    group: str
    met: str
    to_check: list[str]
    learn: list[str]
    missing: list[str]
    travel: str
    note: str
    introduction: Introduction | None


@dataclass(frozen=True, slots=True)
class BandView:
    """A band as shown: its first lines, how many people in all, and how many come next."""

    key: str
    count: int
    lines: list[PersonLine]
    page: int

    @property
    def following(self) -> int:
        """How many people the next page shows."""
        return max(0, min(PAGE, self.count - self.page * PAGE)) if self.lines else 0


def band_views(
    found: mm.ListView,
    introductions: Collection[Introduction],
    page: int = 1,
    interested: Collection[int] = (),
) -> list[BandView]:
    """The five bands, in words; ``interested``: who said so of this very job, by key."""
    by_person = {row.person_id: row for row in introductions}
    return [
        BandView(
            group.key,
            group.count,
            [
                _line(line, by_person.get(line.person.id), line.person.id in interested)
                for line in group.lines
            ],
            page,
        )
        for group in found.groups
    ]


def window_of(key: str | None, page: int) -> mm.Window:
    """Which part of the bands to build."""
    return mm.Window(key, (page - 1) * PAGE, PAGE) if key else mm.Window(size=PAGE)


def _line(line: mm.Line, introduction: Introduction | None, interested: bool) -> PersonLine:
    return PersonLine(
        public_id=line.person.public_id,
        name=line.person.short_name,
        group=line.group,
        met=_met(line),
        to_check=[_asked(row) for row in line.to_check],
        learn=[_learned(row) for row in line.learnable],
        missing=[row.label for row in line.missing],
        travel=f"{minutes_text(line.minutes)} {line.mode}",
        note=_note(line, interested),
        introduction=introduction,
    )


def _met(line: mm.Line) -> str:
    """« 3 sur 4 : poser un tuyau, lire un plan, permis B »."""
    deciding = sum(row.decides for row in line.requirements)
    if not deciding:
        return str(_("rien n’est demandé le premier jour"))
    counted = _("%(met)s sur %(total)s", met=len(line.met), total=deciding)
    names = ", ".join(row.label for row in line.met)
    return f"{counted}\u00a0: {names}" if names else str(counted)


def _asked(row: mm.RequirementView) -> str:
    if not row.backed_by:
        return row.label
    return str(_("%(what)s (sait déjà : %(near)s)", what=row.label, near=", ".join(row.backed_by)))


def _learned(row: mm.RequirementView) -> str:
    """What, where and when: the first open session that ends in time."""
    choice = next(s for s in sorted(row.sessions, key=lambda s: not s.in_time) if s.open)
    place = choice.row.commune.name if choice.row.commune else _("à distance")
    return f"{row.label} ({place}, {date_short(choice.row.start)})"


def _note(line: mm.Line, interested: bool) -> str:
    parts = [_available(line)]
    if interested:
        parts.append(str(_("dit\u00a0: ça m’intéresse")))
    if line.disliked:
        parts.append(_("a dit non à ce métier"))
    elif line.interest == "liked":
        parts.append(_("ce métier lui plaît"))
    return ", ".join(str(part) for part in parts)


def _available(line: mm.Line) -> str:
    day, ready_by = line.person.available_from, line.ready_by
    near = line.group in ("ready", "one_step", "longer_path")
    if near and ready_by is not None and ready_by > clock.today():
        return str(_("peut commencer le %(day)s", day=date_short(ready_by)))
    if day is None:
        return str(_("disponibilité à demander"))
    if day <= clock.today():
        return str(_("disponible tout de suite"))
    return str(_("disponible le %(day)s", day=date_short(day)))


def announced(total: int) -> str:
    """What is read aloud once more lines are in place."""
    return str(ngettext("%(num)d personne de plus", "%(num)d personnes de plus", total))
