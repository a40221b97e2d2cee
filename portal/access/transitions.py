"""Named transitions: a table of what may follow what, and one way to move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from flask_babel import gettext as _
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.locks import hold_row
from portal.models.base import LabelledEnum

S = TypeVar("S", bound=LabelledEnum)


class IllegalTransitionError(Exception):
    """The move is not in the table, or its guard refuses it; ``message`` is for the reader."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


@dataclass(frozen=True)
class Machine(Generic[S]):
    """The legal moves of an entity whose state is in ``state``."""

    moves: Mapping[S, frozenset[S]]

    def allows(self, source: S, target: S) -> bool:
        """Whether ``source`` → ``target`` is in the table."""
        return target in self.moves.get(source, frozenset())

    def check(self, source: S, target: S) -> None:
        """Raise :class:`IllegalTransitionError` unless ``source`` → ``target`` is in the table."""
        if not self.allows(source, target):
            raise IllegalTransitionError(
                _(
                    "Impossible de passer de «\u00a0%(source)s\u00a0» à «\u00a0%(target)s\u00a0»."
                    " Rechargez la page pour voir ce qui est possible.",
                    source=source.label,
                    target=target.label,
                )
            )

    def move(
        self,
        session: Session,
        subject: Any,
        target: S,
        *,
        actor: Actor | None,
        name: str,
        reason: str | None = None,
        details: dict[str, Any] | None = None,
    ) -> None:
        """Set the state and log the event, or raise :class:`IllegalTransitionError`.

        Of two moves at once from the same state, the second one is refused.
        """
        source: S = subject.state
        self.check(source, target)
        _hold(session, subject, source)
        subject.state = target
        session.flush()
        record_event(
            session,
            actor=actor,
            subject=subject,
            name=name,
            from_state=source.value,
            to_state=target.value,
            reason=reason,
            details=details,
        )


def _hold(session: Session, subject: Any, source: LabelledEnum) -> None:
    """Lock the row in the state that was read, until the transaction ends.

    What waits to be flushed is left waiting: it goes with the new state, as the database's checks
    want.
    """
    if subject.id is None or inspect(subject).attrs.state.history.has_changes():
        session.flush()
    with session.no_autoflush:
        held = hold_row(session, subject, type(subject).state == source)
    if not held:
        session.expire(subject, ["state"])
        raise IllegalTransitionError(
            _("Quelqu’un vient de changer cet état. Rechargez la page avant de continuer.")
        )
