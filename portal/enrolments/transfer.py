"""Positionings as CSV, towards and from OUIFORM, whose interface is not public (S3-12, S3-13).

People are named by identifiers alone: theirs in the structure's own register, else the portal's.
Reading the same file twice changes nothing: a row is known by its OUIFORM reference.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session, joinedload

from portal import clock
from portal.access.actor import Actor
from portal.access.roles import Capability
from portal.access.transitions import IllegalTransitionError
from portal.enrolments import actions, rules
from portal.enrolments.habilitations import check_convention
from portal.enrolments.queries import follows, joined, loading, may_see
from portal.imports.base import RefusedFileError, Rejection
from portal.imports.readers import CsvRow, read_csv
from portal.imports.report import neutralise
from portal.models import (
    AgreementChannel,
    Enrollment,
    EnrollmentState,
    Person,
    TrainingAction,
    TrainingSession,
)

HEADER = (
    "reference_ouiform",
    "personne",
    "session",
    "accord_le",
    "accord_par",
    "formation",
    "debut",
    "etat",
    "motif",
    "liste_attente_rang",
)
REQUIRED = HEADER[:5]
MOST_ROWS = 2_000
_BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as Latin-1
_S = EnrollmentState
_BEFORE_POSITIONED = frozenset({_S.SUGGESTED, _S.PROPOSED, _S.AGREED})


@dataclass(frozen=True, slots=True)
class Conflict:
    """A row that was left out: its line in the file, and why."""

    line: int | None
    reason: str


@dataclass(slots=True)
class Outcome:
    """What a file brought."""

    positioned: int = 0
    completed: int = 0
    unchanged: int = 0
    conflicts: list[Conflict] = field(default_factory=list)


def export_lines(session: Session, actor: Actor) -> tuple[list[str], list[int]]:
    """The lines of the actor's positionings, and the ids of the people they are about."""
    query = loading(joined()).where(may_see(actor)).order_by(Enrollment.id)
    rows = session.scalars(query).all()
    lines = [_BYTE_ORDER_MARK + _line(HEADER), *(_line(_cells(actor, row)) for row in rows)]
    return lines, [row.person_id for row in rows]


def _cells(actor: Actor, row: Enrollment) -> tuple[object, ...]:
    person, place = row.person, row.session
    own = person.owner_id == actor.organisation.id
    agreed = row.agreed_at.astimezone(clock.PARIS).date().isoformat() if row.agreed_at else ""
    return (
        row.external_ref,
        (person.external_ref if own else None) or person.public_id,
        place.public_id,
        agreed,
        row.agreed_channel,
        place.action.program.title,
        place.start.isoformat(),
        row.state.value,
        rules.shown_reason(row.reason, opens_file=actor.can(Capability.PEOPLE_READ)),
        row.rank,
    )


def _line(cells: Iterable[object]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\r\n").writerow(map(neutralise, cells))
    return buffer.getvalue()


def import_rows(session: Session, actor: Actor, content: bytes, name: str) -> Outcome:
    """Position the people of a file; each row that cannot be is a conflict, never a guess.

    Raises RefusedFileError when the file is not a CSV with the columns expected.
    """
    outcome = Outcome()
    for number, row in enumerate(_rows(content, name)):
        if number >= MOST_ROWS:
            raise RefusedFileError(
                _("« %(name)s » a plus de %(most)s lignes.", name=name, most=MOST_ROWS)
            )
        if isinstance(row, Rejection):
            outcome.conflicts.append(Conflict(row.line, row.reason))
            continue
        try:
            _import_row(session, actor, row, outcome)
        except (IllegalTransitionError, _UnreadableError) as error:
            outcome.conflicts.append(Conflict(row.line, str(error)))
    return outcome


def _rows(content: bytes, name: str) -> Iterator[CsvRow | Rejection]:
    if b"\0" in content:  # a workbook, or another file that is no text
        raise RefusedFileError(
            _(
                "«\u00a0%(name)s\u00a0» n’est pas un CSV\u00a0: ouvrez-le dans votre tableur, puis"
                " enregistrez-le au format CSV (UTF-8).",
                name=name,
            )
        )
    try:
        content.decode("utf-8")
        encoding = "utf-8"
    except UnicodeDecodeError:
        encoding = "cp1252"
    return read_csv(io.BytesIO(content), name, required=REQUIRED, encoding=encoding)


class _UnreadableError(Exception):
    """A row that says something the portal does not know."""


def _import_row(session: Session, actor: Actor, row: CsvRow, outcome: Outcome) -> None:
    """Everything is checked before the first write: a row brings all it says or nothing."""
    reference = _text(row, "reference_ouiform")
    if not reference:
        raise _UnreadableError(_("La référence OUIFORM manque."))
    person = _find_person(session, actor, _text(row, "personne"))
    place = _find_session(session, _text(row, "session"))
    same_ref = session.scalar(
        select(Enrollment).where(
            Enrollment.external_ref == reference,
            Enrollment.prescriber_id == actor.organisation.id,
        )
    )
    if same_ref is not None:
        if (same_ref.person_id, same_ref.session_id) != (person.id, place.id):
            raise _UnreadableError(_("Cette référence est déjà celle d’un autre positionnement."))
        outcome.unchanged += 1
        return
    known = session.scalar(select(Enrollment).filter_by(person_id=person.id, session_id=place.id))
    if known is not None and known.state not in _BEFORE_POSITIONED:
        _complete(session, actor, known, reference)
        outcome.completed += 1
        return
    _position(session, actor, person, place, row, reference)
    outcome.positioned += 1


def _complete(session: Session, actor: Actor, known: Enrollment, reference: str) -> None:
    """A positioning already made here receives the reference it lacked."""
    if known.state is _S.CANCELLED:
        raise _UnreadableError(_("Ce positionnement est annulé ici : reprenez-le à l’écran."))
    if known.external_ref is not None or known.prescriber_id != actor.organisation.id:
        raise _UnreadableError(_("Ce positionnement porte déjà une autre référence."))
    actions.record_reference(session, actor, enrolment=known, external_ref=reference)


def _position(
    session: Session,
    actor: Actor,
    person: Person,
    place: TrainingSession,
    row: CsvRow,
    reference: str,
) -> None:
    on, channel = _agreement(row)
    actions.check_open(place)
    actions.check_scheme(place.scheme, place.start)
    check_convention(session, actor.organisation, place.scheme, clock.today())
    actions.propose(session, actor, training_session=place, people=[person])
    enrolment = session.scalars(
        select(Enrollment).filter_by(person_id=person.id, session_id=place.id)
    ).one()
    if enrolment.agreed_at is None:
        actions.record_agreement(session, actor, enrolment=enrolment, channel=channel, on=on)
    actions.position(session, actor, enrolment=enrolment, external_ref=reference)


def _agreement(row: CsvRow) -> tuple[date, AgreementChannel]:
    """When and how the person said yes: without it, nothing is said of her to anybody."""
    on, how = _text(row, "accord_le"), _text(row, "accord_par").lower()
    if not on or not how:
        raise _UnreadableError(_("L’accord de la personne n’est pas noté : quand, comment ?"))
    channels = {c.value: c for c in AgreementChannel} | {c.label: c for c in AgreementChannel}
    if how not in channels:
        known = ", ".join(c.value for c in AgreementChannel)
        raise _UnreadableError(_("« accord_par » attend l’un de : %(known)s.", known=known))
    day = _day(on)
    rules.check_not_to_come(day, clock.today())
    return day, channels[how]


def _day(text: str) -> date:
    for form in ("%Y-%m-%d", "%d/%m/%Y"):
        try:
            return datetime.strptime(text, form).replace(tzinfo=clock.PARIS).date()
        except ValueError:
            continue
    raise _UnreadableError(
        _("« %(text)s » n’est pas une date (2027-03-12 ou 12/03/2027).", text=text)
    )


def _text(row: CsvRow, column: str) -> str:
    """The cell, without the quote that our own exports put before what looks like a formula."""
    text = row.get(column)
    return text[1:] if text.startswith("'") and neutralise(text[1:]) != text[1:] else text


def _find_person(session: Session, actor: Actor, reference: str) -> Person:
    own = and_(Person.owner_id == actor.organisation.id, Person.external_ref == reference)
    found = session.scalars(
        select(Person).where(follows(actor), or_(Person.public_id == reference, own)).limit(2)
    ).all()
    if not reference or len(found) != 1:
        raise _UnreadableError(_("Personne inconnue de votre structure."))
    return found[0]


def _find_session(session: Session, reference: str) -> TrainingSession:
    found = session.scalars(
        select(TrainingSession)
        .where(
            or_(
                TrainingSession.public_id == reference,
                TrainingSession.external_ref == reference,
            )
        )
        .options(joinedload(TrainingSession.action).joinedload(TrainingAction.program))
        .limit(2)
    ).all()
    if not reference or not found:
        raise _UnreadableError(_("Session absente du catalogue."))
    if len(found) > 1:
        raise _UnreadableError(_("Plusieurs sessions portent ce numéro : donnez l’identifiant."))
    return found[0]
