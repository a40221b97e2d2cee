"""Seats, never oversold: admission under a lock, the waiting list, holds (INV-02, T-ENR-01/04).

Whoever changes who holds a seat of a session first takes the lock of its row; what is counted
after that stays true until the end of the transaction. The catalogue's ``seats_left`` is where
counting starts (others may have been admitted elsewhere): every seat taken or freed here moves
it by one, so that the catalogue, the engine and the projects all see the same free seats.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Self

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.enrolments.rules import ENROLMENT_MACHINE, HOLD
from portal.invitations import from_enrolments
from portal.locks import lock_row
from portal.messages import events
from portal.models import (
    SEATED_STATES,
    Enrollment,
    EnrollmentReason,
    EnrollmentState,
    RecruitmentState,
    TrainingSession,
)

_S = EnrollmentState
# A seat freed in the first week is still offered; later, nobody can join the group.
_LATE_ENTRY = timedelta(days=7)


def takes_seat() -> ColumnElement[bool]:
    """Admitted or in the room; or a freed seat is kept for the person."""
    held = and_(Enrollment.state == _S.SELECTED, Enrollment.hold_until.is_not(None))
    return or_(Enrollment.state.in_(SEATED_STATES), held)


def count_taken(session: Session, row: TrainingSession) -> int:
    """Seats of a session that the portal gave or keeps."""
    query = select(func.count(Enrollment.id)).where(Enrollment.session_id == row.id, takes_seat())
    return session.scalar(query) or 0


def list_waiting(session: Session, row: TrainingSession) -> list[Enrollment]:
    """The waiting list, first rank first, as it is in the database now."""
    return list(
        session.scalars(
            select(Enrollment)
            .where(Enrollment.session_id == row.id, Enrollment.state == _S.WAITING)
            .order_by(Enrollment.rank, Enrollment.id)
            .execution_options(populate_existing=True)
        )
    )


class Seating:
    """The seats of one session, locked: ``with Seating(session, row) as seats``.

    On the way out, what was freed goes to who waits, ranks are 1..k again, and the catalogue's
    count follows.
    """

    def __init__(self, session: Session, row: TrainingSession, actor: Actor | None = None) -> None:
        self._session, self._row, self._actor = session, row, actor
        self._taken_before = 0
        self._left_before = 0

    def __enter__(self) -> Self:
        """Take the lock, then count."""
        lock_row(self._session, self._row)
        self._taken_before = count_taken(self._session, self._row)
        self._left_before = self._left()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """Settle, unless something was refused (the transaction is then given up)."""
        if kind is None:
            self._session.flush()
            self.settle()
            self._tell_catalogue()

    def _left(self) -> int:
        """Seats left before anything moves: full is full, and an unknown count is all of ours."""
        row = self._row
        if row.recruitment is RecruitmentState.FULL:
            return 0
        if row.seats_left is not None:
            return row.seats_left
        return (row.seats or 0) - self._taken_before

    def free(self) -> int:
        """How many seats can still be given; none while nobody said how many there are."""
        if self._row.seats is None:
            return 0
        taken = count_taken(self._session, self._row)
        moved = taken - self._taken_before
        return min(self._row.seats - taken, self._left_before - moved)

    def refreshed(self, enrolment: Enrollment) -> Enrollment:
        """The positioning as it is now that the lock is held."""
        self._session.refresh(enrolment)
        return enrolment

    def admit(self, enrolment: Enrollment) -> bool:
        """Give a seat, or a rank when there is none left. Whether the seat was given."""
        self.settle()
        if enrolment.state is _S.CANDIDATE:
            self.move(enrolment, _S.SELECTED, "selected")
        if enrolment.state is _S.WAITING:
            return False
        if enrolment.hold_until is None and self.free() < 1:
            self.wait(enrolment)
            return False
        enrolment.hold_until = None
        enrolment.admitted_at = clock.now()
        self.move(enrolment, _S.ADMITTED, "admitted")
        from_enrolments.invite(self._session, self._actor, enrolment)
        return True

    def wait(self, enrolment: Enrollment) -> None:
        """Put a person at the end of the waiting list."""
        rank = len(list_waiting(self._session, self._row)) + 1
        enrolment.rank, enrolment.hold_until = rank, None
        self.move(enrolment, _S.WAITING, "waiting", details={"rank": rank})

    def leave(
        self, enrolment: Enrollment, target: EnrollmentState, name: str, reason: EnrollmentReason
    ) -> None:
        """Give back the seat, the hold or the rank, with a reason (INV-10)."""
        enrolment.rank = enrolment.hold_until = None
        enrolment.reason = reason
        self.move(enrolment, target, name, reason=reason.value)
        from_enrolments.cancel(self._session, self._actor, enrolment)

    def move(
        self,
        enrolment: Enrollment,
        target: EnrollmentState,
        name: str,
        *,
        reason: str | None = None,
        details: dict[str, int] | None = None,
    ) -> None:
        """One named transition."""
        ENROLMENT_MACHINE.move(
            self._session,
            enrolment,
            target,
            actor=self._actor,
            name=name,
            reason=reason,
            details=details,
        )

    def settle(self) -> None:
        """Put those who let 48 hours pass behind the others, keep freed seats for the first."""
        waiting = list_waiting(self._session, self._row)
        self._expire(waiting)
        if self._still_fills():
            for _seat in range(min(max(0, self.free()), len(waiting))):
                self._hold_for(waiting.pop(0))
        for rank, enrolment in enumerate(waiting, start=1):
            enrolment.rank = rank
        self._session.flush()

    def _still_fills(self) -> bool:
        """A session cancelled or well begun calls nobody; one that recruits no more still does."""
        if self._row.recruitment is RecruitmentState.CANCELLED:
            return False
        return clock.today() <= self._row.start + _LATE_ENTRY

    def _expire(self, waiting: list[Enrollment]) -> None:
        """A hold that ended frees its seat; nobody is refused: the person waits, or stays kept."""
        for enrolment in self._expired():
            enrolment.hold_until = None
            if waiting:
                enrolment.rank = len(waiting) + 1
                self.move(enrolment, _S.WAITING, "hold_expired")
                waiting.append(enrolment)
        self._session.flush()

    def _expired(self) -> list[Enrollment]:
        return list(
            self._session.scalars(
                select(Enrollment)
                .where(
                    Enrollment.session_id == self._row.id,
                    Enrollment.state == _S.SELECTED,
                    Enrollment.hold_until <= clock.now(),
                )
                .order_by(Enrollment.hold_until, Enrollment.id)
                .execution_options(populate_existing=True)
            )
        )

    def _hold_for(self, enrolment: Enrollment) -> None:
        enrolment.rank = None
        enrolment.hold_until = clock.now() + HOLD
        self.move(enrolment, _S.SELECTED, "seat_held")
        events.seat_held(self._session, enrolment)

    def _tell_catalogue(self) -> None:
        row = self._row
        moved = count_taken(self._session, row) - self._taken_before
        if row.seats is None or not moved:
            return
        row.seats_left = max(0, self._left_before - moved)
        if row.seats_left and row.recruitment is RecruitmentState.FULL:
            row.recruitment, row.recruitment_corrected = RecruitmentState.OPEN, True
        self._session.flush()


def check_can_admit(row: TrainingSession) -> None:
    """Nobody is admitted in a session that is cancelled, or whose seats nobody said."""
    if row.recruitment is RecruitmentState.CANCELLED:
        raise IllegalTransitionError(_("Cette session est annulée."))
    if row.seats is None:
        raise IllegalTransitionError(
            _("Dites d’abord combien de places compte cette session, puis admettez.")
        )


def pass_expired_holds(session: Session, today: date) -> int:  # noqa: ARG001 -- upkeep's signature
    """Upkeep: hold to its end passes to the next person. How many sessions were settled."""
    rows = session.scalars(
        select(TrainingSession)
        .join(Enrollment, Enrollment.session_id == TrainingSession.id)
        .where(Enrollment.state == _S.SELECTED, Enrollment.hold_until <= clock.now())
        .distinct()
        .order_by(TrainingSession.id)
    ).all()
    for row in rows:
        with Seating(session, row):
            pass
    return len(rows)
