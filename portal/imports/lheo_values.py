"""What is kept of an LHEO file: programmes, actions, sessions, as plain values.

No civility, first or last name of a contact is ever read: a catalogue needs the switchboard and
the address of the course, not who sits there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from portal.models import RecruitmentState
from portal.text import N_

SOURCE = "lheo"

# The names of parts are shown in the report.
ORGANISATION = N_("organismes")
PROGRAM = N_("formations")
ACTION = N_("actions")
SESSION = N_("sessions")
PARTS = (ORGANISATION, PROGRAM, ACTION, SESSION)

_SEPARATOR = "\x1f"


@dataclass(frozen=True, slots=True)
class Place:
    """Where something takes place, as written: INSEE code, postal code, name of the commune."""

    insee: str = ""
    postal: str = ""
    city: str = ""

    def __bool__(self) -> bool:
        return bool(self.insee or self.postal or self.city)


@dataclass(frozen=True, slots=True)
class OrganisationValue:
    """A training organisation, by its SIRET (checked)."""

    siret: str
    name: str
    place: Place


@dataclass(frozen=True, slots=True)
class ProgramValue:
    """A formation: its columns, and the ROME codes it names (old ones too)."""

    ref: str
    columns: dict[str, object]
    rome_codes: tuple[str, ...]

    @property
    def key(self) -> str:
        """The key of the item."""
        return self.ref


@dataclass(frozen=True, slots=True)
class ActionValue:
    """An action: its columns, and the programme it belongs to."""

    program_ref: str
    ref: str
    columns: dict[str, object]

    @property
    def key(self) -> str:
        """The key of the item."""
        return key_of(self.program_ref, self.ref)


@dataclass(frozen=True, slots=True)
class MeetingValue:
    """An information meeting; hours are « 09:30 »."""

    on: date
    start_hour: str | None
    end_hour: str | None
    place: str | None
    capacity: int | None


@dataclass(frozen=True, slots=True)
class SessionValue:
    """A session, with what its programme and action say that sessions carry here."""

    program_ref: str
    action_ref: str
    ref: str
    start: date
    end: date
    place: Place
    remote: bool
    recruitment: RecruitmentState
    weekly_hours: float | None
    meetings: tuple[MeetingValue, ...]
    title: str
    rome_codes: tuple[str, ...]
    certifying: bool
    teaches_trade: bool
    credentials: tuple[str, ...] = field(default=())
    prerequisites: tuple[str, ...] = field(default=())

    @property
    def key(self) -> str:
        """The key of the item."""
        return key_of(self.program_ref, self.action_ref, self.ref)


def key_of(*refs: str) -> str:
    """Numbers are unique within their parent only: the key carries the whole path."""
    return _SEPARATOR.join(refs)
