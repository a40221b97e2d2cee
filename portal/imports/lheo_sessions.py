"""The facts of a session: what the catalogue says, what is deduced, and what is left alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from portal.imports.lheo_values import MeetingValue, SessionValue
from portal.models import (
    FactOrigin,
    InfoMeeting,
    SessionCredential,
    SessionPrerequisite,
    SessionSkill,
    TrainingSession,
)

DEDUCED_LEVEL = 2  # « sans aide »: what a course promises is to do it alone

_COLUMNS = ("start", "end", "commune_code", "remote", "recruitment", "weekly_hours")


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """What a file may write on a session. Sets of facts are None on a corrected session.

    ``skills`` and ``credentials``: (code, origin) that nobody entered by hand.
    ``prerequisites``: codes of credentials.
    """

    columns: dict[str, object]
    meetings: frozenset[MeetingValue]
    skills: frozenset[tuple[str, FactOrigin]] | None
    credentials: frozenset[tuple[str, FactOrigin]] | None
    prerequisites: frozenset[str] | None


def session_facts(
    value: SessionValue,
    row: TrainingSession | None,
    *,
    commune: str | None,
    skills: Iterable[str],
    known_credentials: Collection[str],
) -> SessionFacts:
    """What the file wants of a session (``row``: what is known of it)."""
    columns = _columns_of(value, row, commune)
    meetings = frozenset(value.meetings)
    if row is not None and row.corrected:
        return SessionFacts(columns, meetings, None, None, None)
    origin = FactOrigin.DEDUCED_OCCUPATION
    if value.certifying:
        origin = FactOrigin.DEDUCED_CERTIFICATION
    entered_skills = {s.skill_code for s in row.skills if _entered(s)} if row else set()
    entered = {c.credential_code for c in row.credentials if _entered(c)} if row else set()
    return SessionFacts(
        columns,
        meetings,
        frozenset((code, origin) for code in skills if code not in entered_skills),
        frozenset(
            # Words of the catalogue, read by us: deduced from the title, whatever the course.
            (code, FactOrigin.DEDUCED_CERTIFICATION)
            for code in value.credentials
            if code in known_credentials and code not in entered
        ),
        frozenset(code for code in value.prerequisites if code in known_credentials),
    )


def _columns_of(
    value: SessionValue, row: TrainingSession | None, commune: str | None
) -> dict[str, object]:
    """The columns of the file.

    A place found by hand is not lost for an unknown commune; a state corrected here stands.
    """
    return {
        "start": value.start,
        "end": value.end,
        "commune_code": commune or (row.commune_code if row else None),
        "remote": value.remote,
        "recruitment": row.recruitment if row and row.recruitment_corrected else value.recruitment,
        "weekly_hours": value.weekly_hours,
    }


def _entered(fact: SessionSkill | SessionCredential) -> bool:
    return fact.origin is FactOrigin.ENTERED


def snapshot_of(row: TrainingSession) -> SessionFacts:
    """What is there, in the same shape."""
    columns = {name: getattr(row, name) for name in _COLUMNS}
    meetings = frozenset(_meeting_value(meeting) for meeting in row.info_meetings)
    if row.corrected:
        return SessionFacts(columns, meetings, None, None, None)
    return SessionFacts(
        columns,
        meetings,
        frozenset((s.skill_code, s.origin) for s in row.skills if not _entered(s)),
        frozenset((c.credential_code, c.origin) for c in row.credentials if not _entered(c)),
        frozenset(p.credential_code for p in row.prerequisites if p.credential_code),
    )


def _meeting_value(row: InfoMeeting) -> MeetingValue:
    return MeetingValue(row.on, row.start_hour, row.end_hour, row.place, row.capacity)


def write_session(row: TrainingSession, facts: SessionFacts) -> None:
    """Make the row as wanted; what somebody entered stays."""
    for name, value in facts.columns.items():
        setattr(row, name, value)
    _write_meetings(row, facts.meetings)
    if facts.skills is not None:
        _write_skills(row, dict(facts.skills))
    if facts.credentials is not None:
        _write_credentials(row, dict(facts.credentials))
    if facts.prerequisites is not None:
        _write_prerequisites(row, facts.prerequisites)


def _write_meetings(row: TrainingSession, wanted: frozenset[MeetingValue]) -> None:
    known: dict[tuple[date, str | None], InfoMeeting] = {
        (meeting.on, meeting.start_hour): meeting for meeting in row.info_meetings
    }
    kept = []
    for value in sorted(wanted, key=lambda v: (v.on, v.start_hour or "")):
        meeting = known.get((value.on, value.start_hour)) or InfoMeeting(
            on=value.on, start_hour=value.start_hour
        )
        meeting.end_hour, meeting.place = value.end_hour, value.place
        meeting.capacity = value.capacity
        kept.append(meeting)
    row.info_meetings = kept


def _write_skills(row: TrainingSession, wanted: dict[str, FactOrigin]) -> None:
    known = {skill.skill_code: skill for skill in row.skills}
    kept = [skill for skill in row.skills if _entered(skill)]
    for code, origin in sorted(wanted.items()):
        skill = known.get(code) or SessionSkill(skill_code=code, level=DEDUCED_LEVEL)
        skill.origin = origin
        kept.append(skill)
    row.skills = kept


def _write_credentials(row: TrainingSession, wanted: dict[str, FactOrigin]) -> None:
    known = {credential.credential_code: credential for credential in row.credentials}
    kept = [credential for credential in row.credentials if _entered(credential)]
    for code, origin in sorted(wanted.items()):
        credential = known.get(code) or SessionCredential(credential_code=code)
        credential.origin = origin
        kept.append(credential)
    row.credentials = kept


def _write_prerequisites(row: TrainingSession, wanted: frozenset[str]) -> None:
    known = {p.credential_code: p for p in row.prerequisites if p.credential_code}
    skills = [p for p in row.prerequisites if p.skill_code]
    row.prerequisites = skills + [
        known.get(code) or SessionPrerequisite(credential_code=code) for code in sorted(wanted)
    ]
