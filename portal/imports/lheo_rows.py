"""How the values of a catalogue become rows: what is wanted, what is there, what to write."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any, Generic, TypeVar

from sqlalchemy import select, tuple_
from sqlalchemy.orm import Session, selectinload

from portal.imports.base import Item
from portal.imports.lheo_sessions import session_facts, snapshot_of, write_session
from portal.imports.lheo_values import (
    ACTION,
    ORGANISATION,
    PROGRAM,
    SESSION,
    SOURCE,
    ActionValue,
    OrganisationValue,
    Place,
    ProgramValue,
    SessionValue,
    key_of,
)
from portal.imports.places import Places, Trades
from portal.models import (
    CredentialType,
    OccupationSkill,
    Organisation,
    OrganisationKind,
    ProgramOccupation,
    Skill,
    SkillKind,
    TrainingAction,
    TrainingProgram,
    TrainingSession,
)

_CHUNK = 300
Row = TypeVar("Row")


class Catalogue:
    """What the reference says of places, occupations, skills and credentials, read once."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.places = Places(session)
        self._trades = Trades(session)
        self._core: dict[str, tuple[str, ...]] = {}
        self.credentials = frozenset(session.scalars(select(CredentialType.code)))

    def commune(self, place: Place) -> str | None:
        """The INSEE code of a place, None when it is not known here."""
        return self.places.find(insee=place.insee, postal=place.postal, name=place.city)

    def lacks_place(self, value: SessionValue) -> bool:
        """A session one has to go to, nobody knows where."""
        return not value.remote and self.commune(value.place) is None

    def occupation(self, rome_code: str, title: str) -> str | None:
        """The current occupation of a ROME code, old ones included."""
        return self._trades.find(self.session, rome_code, [title])

    def core_skills(self, value: SessionValue) -> list[str]:
        """The core skills of the occupations a course prepares for, when it teaches a trade."""
        if not value.teaches_trade:
            return []
        codes = {self.occupation(code, value.title) for code in value.rome_codes}
        return sorted({skill for code in codes if code for skill in self._core_of(code)})

    def _core_of(self, occupation: str) -> tuple[str, ...]:
        if occupation not in self._core:
            query = (
                select(OccupationSkill.skill_code)
                .join(Skill, Skill.code == OccupationSkill.skill_code)
                .where(
                    OccupationSkill.occupation_code == occupation,
                    OccupationSkill.core,
                    Skill.kind != SkillKind.SOFT,
                    Skill.retired.is_(False),
                )
            )
            self._core[occupation] = tuple(self.session.scalars(query))
        return self._core[occupation]


class Rows(ABC, Generic[Row]):
    """The rows of one part."""

    def __init__(self, session: Session, catalogue: Catalogue) -> None:
        self.session = session
        self.catalogue = catalogue

    @abstractmethod
    def load(self, items: Sequence[Item]) -> list[Row | None]:
        """The known row of each item, in order."""

    @abstractmethod
    def snapshot(self, row: Row) -> Any:
        """What is there, in the shape of ``wanted``."""

    @abstractmethod
    def wanted(self, value: Any, row: Row) -> Any:
        """What the file says should be there."""

    @abstractmethod
    def write(self, value: Any, row: Row | None) -> None:
        """Create the row, or make it as wanted."""


class OrganisationRows(Rows[Organisation]):
    """Training organisations: created when unknown, never changed by a catalogue."""

    def load(self, items: Sequence[Item]) -> list[Organisation | None]:
        """By SIRET."""
        rows = self.session.scalars(
            select(Organisation)
            .where(
                Organisation.kind == OrganisationKind.TRAINING,
                Organisation.siret.in_([item.key for item in items]),
            )
            .order_by(Organisation.id.desc())
        )
        known = {row.siret: row for row in rows}
        return [known.get(item.key) for item in items]

    def snapshot(self, row: Organisation) -> Any:
        """Only that it is there."""
        return row.siret

    def wanted(self, value: OrganisationValue, row: Organisation) -> Any:  # noqa: ARG002
        """Only that it is there."""
        return value.siret

    def write(self, value: OrganisationValue, row: Organisation | None) -> None:
        """A new organisation; its département is that of its address."""
        if row is None:
            commune = self.catalogue.commune(value.place)
            self.session.add(
                Organisation(
                    kind=OrganisationKind.TRAINING,
                    name=value.name,
                    siret=value.siret,
                    departement_code=self.catalogue.places.departement(commune),
                )
            )


class ProgramRows(Rows[TrainingProgram]):
    """Formations."""

    def load(self, items: Sequence[Item]) -> list[TrainingProgram | None]:
        """By number."""
        rows = self.session.scalars(
            select(TrainingProgram)
            .where(
                TrainingProgram.source == SOURCE,
                TrainingProgram.external_ref.in_([item.value.ref for item in items]),
            )
            .options(selectinload(TrainingProgram.occupations))
        )
        known = {row.external_ref: row for row in rows}
        return [known.get(item.value.ref) for item in items]

    def snapshot(self, row: TrainingProgram) -> Any:
        """Columns, and the occupations."""
        return _columns(row, _PROGRAM_COLUMNS), {
            link.rome_code: link.occupation_code for link in row.occupations
        }

    def wanted(self, value: ProgramValue, row: TrainingProgram | None) -> Any:  # noqa: ARG002
        """Columns, and the occupations its ROME codes mean."""
        title = str(value.columns["title"])
        return value.columns, {
            code: self.catalogue.occupation(code, title) for code in value.rome_codes
        }

    def write(self, value: ProgramValue, row: TrainingProgram | None) -> None:
        """Columns, then the links to occupations."""
        if row is None:
            row = TrainingProgram(source=SOURCE, external_ref=value.ref)
            self.session.add(row)
        columns, occupations = self.wanted(value, row)
        _assign(row, columns)
        links = {link.rome_code: link for link in row.occupations}
        row.occupations = [
            _link(links.get(code), code, occupation) for code, occupation in occupations.items()
        ]


_PROGRAM_COLUMNS = (
    "title",
    "search_title",
    "objective",
    "content",
    "formacodes",
    "rncp_code",
    "rs_code",
    "certifying",
    "exit_level",
)


def _link(known: ProgramOccupation | None, code: str, occupation: str | None) -> ProgramOccupation:
    link = known or ProgramOccupation(rome_code=code)
    link.occupation_code = occupation
    return link


class ActionRows(Rows[TrainingAction]):
    """Actions, under their programme, with the organisation of their SIRET."""

    def load(self, items: Sequence[Item]) -> list[TrainingAction | None]:
        """By numbers of programme and action; organisations are looked up with them."""
        sirets = {item.value.columns["organiser_siret"] for item in items}
        organisations = self.session.execute(
            select(Organisation.siret, Organisation.id)
            .where(Organisation.kind == OrganisationKind.TRAINING, Organisation.siret.in_(sirets))
            .order_by(Organisation.id.desc())
        )
        self._organisations: dict[Any, int] = dict(organisations.all())
        self._programs = _program_ids(self.session, [item.value.program_ref for item in items])
        known: dict[str, TrainingAction] = {}
        for keys in _chunks([(item.value.program_ref, item.value.ref) for item in items]):
            rows = self.session.execute(
                select(TrainingProgram.external_ref, TrainingAction)
                .join(TrainingAction, TrainingAction.program_id == TrainingProgram.id)
                .where(
                    TrainingProgram.source == SOURCE,
                    tuple_(TrainingProgram.external_ref, TrainingAction.external_ref).in_(keys),
                )
            )
            known |= {key_of(ref, row.external_ref): row for ref, row in rows}
        return [known.get(item.key) for item in items]

    def snapshot(self, row: TrainingAction) -> Any:
        """Columns, and the organisation."""
        return _columns(row, (*_ACTION_COLUMNS, "organisation_id"))

    def wanted(self, value: ActionValue, row: TrainingAction | None) -> Any:
        """Columns, and the organisation; one chosen by hand where the file has none stays."""
        siret = value.columns["organiser_siret"]
        known = row.organisation_id if row else None
        return {**value.columns, "organisation_id": self._organisations.get(siret, known)}

    def write(self, value: ActionValue, row: TrainingAction | None) -> None:
        """Columns."""
        wanted = self.wanted(value, row)
        if row is None:
            program_id = self._programs[value.program_ref]
            row = TrainingAction(program_id=program_id, external_ref=value.ref)
            self.session.add(row)
        _assign(row, wanted)


_ACTION_COLUMNS = (
    "organiser_name",
    "organiser_siret",
    "place_name",
    "public_text",
    "prerequisites_text",
    "hours_center",
    "hours_company",
    "contact_phone",
    "contact_email",
)


class SessionRows(Rows[TrainingSession]):
    """Sessions, with what is deduced of them."""

    def load(self, items: Sequence[Item]) -> list[TrainingSession | None]:
        """By the three numbers."""
        values = [item.value for item in items]
        self._actions = _action_ids(self.session, values)
        known: dict[str, TrainingSession] = {}
        for keys in _chunks([(v.program_ref, v.action_ref, v.ref) for v in values]):
            rows = self.session.execute(
                select(TrainingProgram.external_ref, TrainingAction.external_ref, TrainingSession)
                .join(TrainingAction, TrainingAction.program_id == TrainingProgram.id)
                .join(TrainingSession, TrainingSession.action_id == TrainingAction.id)
                .where(
                    TrainingProgram.source == SOURCE,
                    tuple_(
                        TrainingProgram.external_ref,
                        TrainingAction.external_ref,
                        TrainingSession.external_ref,
                    ).in_(keys),
                )
                .options(
                    selectinload(TrainingSession.prerequisites),
                    selectinload(TrainingSession.skills),
                    selectinload(TrainingSession.credentials),
                    selectinload(TrainingSession.info_meetings),
                )
            )
            known |= {key_of(p, a, row.external_ref): row for p, a, row in rows}
        return [known.get(item.key) for item in items]

    def snapshot(self, row: TrainingSession) -> Any:
        """Columns, meetings, and the facts that the file may change."""
        return snapshot_of(row)

    def wanted(self, value: SessionValue, row: TrainingSession | None) -> Any:
        """Columns, meetings, and the facts deduced."""
        return session_facts(
            value,
            row,
            commune=self.catalogue.commune(value.place),
            skills=self.catalogue.core_skills(value),
            known_credentials=self.catalogue.credentials,
        )

    def write(self, value: SessionValue, row: TrainingSession | None) -> None:
        """Columns, then what hangs on the session."""
        wanted = self.wanted(value, row)
        if row is None:
            action_id = self._actions[key_of(value.program_ref, value.action_ref)]
            row = TrainingSession(action_id=action_id, external_ref=value.ref)
            self.session.add(row)
        write_session(row, wanted)


_ROWS: dict[str, type[Rows[Any]]] = {
    ORGANISATION: OrganisationRows,
    PROGRAM: ProgramRows,
    ACTION: ActionRows,
    SESSION: SessionRows,
}


def rows_of(part: str, session: Session, catalogue: Catalogue) -> Rows[Any]:
    """The rows of a part."""
    return _ROWS[part](session, catalogue)


def _program_ids(session: Session, refs: Iterable[str]) -> dict[str, int]:
    query = select(TrainingProgram.external_ref, TrainingProgram.id).where(
        TrainingProgram.source == SOURCE, TrainingProgram.external_ref.in_(set(refs))
    )
    return dict(session.execute(query).all())


def _action_ids(session: Session, values: Sequence[SessionValue]) -> dict[str, int]:
    found: dict[str, int] = {}
    for keys in _chunks([(v.program_ref, v.action_ref) for v in values]):
        rows = session.execute(
            select(TrainingProgram.external_ref, TrainingAction.external_ref, TrainingAction.id)
            .join(TrainingAction, TrainingAction.program_id == TrainingProgram.id)
            .where(
                TrainingProgram.source == SOURCE,
                tuple_(TrainingProgram.external_ref, TrainingAction.external_ref).in_(keys),
            )
        )
        found |= {key_of(program, action): identity for program, action, identity in rows}
    return found


def _columns(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _assign(row: object, columns: dict[str, Any]) -> None:
    for name, value in columns.items():
        setattr(row, name, value)


def _chunks(keys: Sequence[tuple[str, ...]]) -> Iterable[Sequence[tuple[str, ...]]]:
    return (keys[start : start + _CHUNK] for start in range(0, len(keys), _CHUNK))
