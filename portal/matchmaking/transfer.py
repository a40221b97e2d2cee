"""The trades close to what a person can do, and what stands between, gesture by gesture.

The index of trades is rebuilt when the nomenclature changes, once per process.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from weakref import WeakKeyDictionary

import numpy as np
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

import matching as engine
from matching.records import LEVEL_ALONE
from matching.transfer import Nomenclature, Reach, Trade, TransferIndex
from portal.matchmaking import loading, reading
from portal.matchmaking.stamps import read_marks
from portal.matchmaking.views import SessionChoice
from portal.matchmaking.world import World, current_world, nomenclature_marks
from portal.models import (
    Occupation,
    OccupationSkill,
    OccupationTitle,
    Person,
    ReferenceOrigin,
    Skill,
    SkillKind,
    TrainingSession,
)

_SESSIONS_A_GESTURE = 2


@dataclass(frozen=True, slots=True)
class Gesture:
    """A gesture of a trade; ``backed_by`` are sister gestures held, ``sessions`` those open to
    the person that teach it.
    """

    label: str
    backed_by: tuple[str, ...] = ()
    sessions: tuple[SessionChoice, ...] = ()


@dataclass(frozen=True, slots=True)
class TradeWithinReach:
    """A trade near to what a person can do, and where they stand on each of its gestures.

    ``to_ask`` was never asked: it is no gap. ``to_firm_up`` is done with help; ``to_learn`` is
    known not to be done yet.
    """

    occupation: Occupation
    total: int
    held: tuple[Gesture, ...]
    to_ask: tuple[Gesture, ...]
    to_firm_up: tuple[Gesture, ...]
    to_learn: tuple[Gesture, ...]
    liked: bool


def trades_within_reach(
    session: Session, person: Person, limit: int = 10
) -> tuple[TradeWithinReach, ...]:
    """The trades nearest to what the person can do, those they declined left out.

    Empty while nothing that they can do is known. The same whatever their commune: only the
    sessions told beside the gestures to learn depend on it.
    """
    world = current_world(session)
    record = loading.person_record(session, person, world.nomenclature.canonical, world.today)
    declined = {code for code, liking in record.interests.items() if liking < 0}
    found = _index(session, world).reach(record.skills, limit, without=declined)
    codes = [reach.trade.code for reach in found]
    rows = session.scalars(select(Occupation).where(Occupation.code.in_(codes)))
    occupations = {row.code: row for row in rows}
    teller = _Teller(session, world, record, found)
    return tuple(
        teller.told(reach, occupations[reach.trade.code])
        for reach in found
        if reach.trade.code in occupations
    )


class _Teller:
    """Tells trades with the labels and sessions they are about, read once."""

    def __init__(
        self, session: Session, world: World, record: engine.Person, found: Sequence[Reach]
    ) -> None:
        self.skills = world.nomenclature.taxonomy.skills
        self.record = record
        to_learn = [(*reach.reading.helped, *reach.reading.gaps) for reach in found]
        self.teaching = _teaching(world, record, {code for codes in to_learn for code in codes})
        names = {choice.id for choices in self.teaching.values() for choice in choices}
        self.rows = reading.sessions_by_id(session, names)
        self.held_by_group = _held_by_group(record, self.skills)

    def told(self, reach: Reach, occupation: Occupation) -> TradeWithinReach:
        """One trade; the gestures of a group the person knows are asked first."""
        stands = reach.reading
        return TradeWithinReach(
            occupation=occupation,
            total=stands.total,
            held=self._gestures(stands.held),
            to_ask=self._gestures((*stands.backed, *stands.unknown)),
            to_firm_up=self._gestures(stands.helped),
            to_learn=self._gestures(stands.gaps),
            liked=self.record.interests.get(reach.trade.code) == 1,
        )

    def _gestures(self, codes: Iterable[str]) -> tuple[Gesture, ...]:
        return tuple(self._gesture(code) for code in codes)

    def _gesture(self, code: str) -> Gesture:
        skill = self.skills.get(code)
        unknown = code not in self.record.skills
        sisters = self.held_by_group.get(skill.group or "", ()) if skill and unknown else ()
        choices = self.teaching.get(code, ())
        return Gesture(
            label=skill.label if skill else code,
            backed_by=tuple(sisters),
            sessions=tuple(_choice(c, self.rows[c.id]) for c in choices if c.id in self.rows),
        )


def _held_by_group(
    record: engine.Person, skills: Mapping[str, engine.Skill]
) -> dict[str, list[str]]:
    """The labels of what is held alone, by group, in the order of the ids."""
    held: dict[str, list[str]] = defaultdict(list)
    for code in sorted(record.skills):
        skill = skills.get(code)
        if skill is not None and skill.group and record.skills[code] >= LEVEL_ALONE:
            held[skill.group].append(skill.label)
    return held


@dataclass(frozen=True, slots=True)
class _Taught:
    id: str
    minutes: float


def _teaching(
    world: World, record: engine.Person, codes: Iterable[str]
) -> dict[str, list[_Taught]]:
    """The sessions open to the person that bring each gesture to « alone », earliest end first."""
    table, index = world.index.sessions, world.index
    stands = table.availability(record, index.today.toordinal(), index.communes)
    found: dict[str, list[_Taught]] = {}
    for code in sorted(codes):
        subject = engine.Subject(engine.SubjectKind.SKILL, code)
        places = np.flatnonzero(table.covering(subject, LEVEL_ALONE) & stands.open)
        found[code] = [
            _Taught(table.sessions[place].id, float(stands.minutes[place]))
            for place in places[:_SESSIONS_A_GESTURE]
        ]
    return found


def _choice(taught: _Taught, row: TrainingSession) -> SessionChoice:
    minutes = taught.minutes if isfinite(taught.minutes) else None
    return SessionChoice(row, minutes, obstacles=(), in_time=True, covers_all=False)


_held: WeakKeyDictionary[Engine, tuple[object, TransferIndex]] = WeakKeyDictionary()
_lock = threading.Lock()


def _index(session: Session, world: World) -> TransferIndex:
    bind = session.get_bind()
    owner = bind if isinstance(bind, Engine) else bind.engine
    titles = read_marks(session, (OccupationTitle, Occupation))
    key = (*nomenclature_marks(session), *titles.values())
    with _lock:
        held = _held.get(owner)
        if held is None or held[0] != key:
            held = _held[owner] = (key, TransferIndex(_nomenclature(session, world)))
        return held[1]


def _nomenclature(session: Session, world: World) -> Nomenclature:
    """The trades in use, with their sheets, in three statements."""
    sheets, titles = _sheets(session, world.nomenclature.canonical), _titles(session)
    query = select(
        Occupation.code,
        Occupation.label,
        Occupation.definition,
        Occupation.plain_text,
        Occupation.parent_code,
    )
    trades = [
        Trade(
            code=row.code,
            label=row.label,
            core=sheets[row.code].core,
            others=sheets[row.code].others,
            knowledge=tuple(sheets[row.code].knowledge),
            titles=tuple(titles[row.code]),
            text=" ".join(text for text in (row.definition, row.plain_text) if text),
            parent=row.parent_code,
        )
        for row in session.execute(query.where(Occupation.retired.is_(False)))
    ]
    return Nomenclature.of(trades, world.nomenclature.taxonomy.skills.values())


class _Sheet:
    """The skills of an occupation, each once, by what they are for it."""

    def __init__(self) -> None:
        self.ours: dict[str, None] = {}
        self.rome: dict[str, None] = {}
        self.rest: dict[str, None] = {}
        self.knowledge: dict[str, None] = {}

    @property
    def core(self) -> tuple[str, ...]:
        """Ours are worded to be said aloud: where they exist, ROME's are among the others."""
        return tuple(self.ours or self.rome)

    @property
    def others(self) -> tuple[str, ...]:
        """Every other skill."""
        core = set(self.core)
        return tuple(code for code in {**self.rome, **self.rest} if code not in core)


def _sheets(session: Session, canonical: Mapping[str, str]) -> defaultdict[str, _Sheet]:
    query = (
        select(
            OccupationSkill.occupation_code,
            OccupationSkill.skill_code,
            OccupationSkill.core,
            OccupationSkill.origin,
            Skill.kind,
        )
        .join(Skill)
        .where(Skill.retired.is_(False))
        .order_by(OccupationSkill.occupation_code, Skill.label, Skill.code)
    )
    sheets: defaultdict[str, _Sheet] = defaultdict(_Sheet)
    for row in session.execute(query):
        sheet, code = sheets[row.occupation_code], canonical[row.skill_code]
        if row.kind is SkillKind.KNOWLEDGE:
            sheet.knowledge[code] = None
        elif not row.core:
            sheet.rest[code] = None
        elif row.origin is ReferenceOrigin.STARTER:
            sheet.ours[code] = None
        else:
            sheet.rome[code] = None
    return sheets


def _titles(session: Session) -> defaultdict[str, list[str]]:
    query = select(OccupationTitle.occupation_code, OccupationTitle.title)
    found: defaultdict[str, list[str]] = defaultdict(list)
    for code, title in session.execute(
        query.where(OccupationTitle.retired.is_(False)).order_by(OccupationTitle.id)
    ):
        found[code].append(title)
    return found
