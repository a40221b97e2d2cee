"""What a person changes of their own data, asks to be corrected, or refuses to share.

Rights of access, rectification and objection: RGPD articles 15, 16 and 21. Simple facts are
changed by the person at once; what somebody else recorded is corrected by a human, who answers.
Every change is an event with who was beside the person, and never the values themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.journal import record_event
from portal.calls.queries import record_call, settle_calls
from portal.doors.links import revoke_links
from portal.doors.reach import close_old_reach, reach_of
from portal.introductions.rules import EMPLOYER_STATES, ENDED_STATES
from portal.models import CallReason, Introduction, Person, PersonCode
from portal.today.tasks import working_days_after
from portal.web.doorstep import PersonVisitor, end_visits

#: Working days given to whoever answers a request for correction.
ANSWER_DAYS = 5
#: Working days in which who follows the person learns that employers no longer see them.
TELL_DAYS = 1


def record_own_change(session: Session, visitor: PersonVisitor, **values: Any) -> list[str]:
    """Write simple facts on the person's own row; the names of those that changed.

    A new number or mail ends what was sent to the old one.
    """
    person = visitor.person
    before = reach_of(person)
    changed = [name for name, value in values.items() if getattr(person, name) != value]
    for name in changed:
        setattr(person, name, values[name])
    session.flush()
    if changed:
        _note(session, visitor, "own_change", {"fields": changed})
        close_old_reach(session, person, before=before)
    return changed


def record_correction(session: Session, visitor: PersonVisitor, *, theme: str, text: str) -> bool:
    """Ask who follows the person to correct something; False when nobody follows them.

    Several requests made before the call are kept, one after the other, in the same one.
    """
    asked = record_call(
        session,
        reason=CallReason.CORRECTION,
        due_on=working_days_after(clock.today(), ANSWER_DAYS),
        person=visitor.person,
        note=f"{theme}\u00a0: {text}",
    )
    if asked is None:
        return False
    _note(session, visitor, "correction_asked", {"theme": theme})
    return True


def record_employers_refused(session: Session, visitor: PersonVisitor, *, refused: bool) -> None:
    """« Je refuse que les employeurs voient mes informations », or the contrary (T-SEC-06).

    Nothing is proposed nor sent from then on, and what employers still hold is hidden from them;
    introductions keep their state, and who follows the person is told.
    """
    person = visitor.person
    if refused is (person.employers_refused_at is not None):
        return
    person.employers_refused_at = clock.now() if refused else None
    session.flush()
    _note(session, visitor, "employers_refused" if refused else "employers_allowed", {})
    reasons = CallReason.REFUSES_EMPLOYERS, CallReason.ALLOWS_EMPLOYERS
    reason, before = reasons if refused else reasons[::-1]
    settle_calls(session, reason=before, subject=person, outcome="La personne a changé d’avis.")
    record_call(
        session,
        reason=reason,
        due_on=working_days_after(clock.today(), TELL_DAYS),
        person=person,
        subject=person,
        note=_refusal_note(session, person, refused=refused),
    )


def record_all_closed(session: Session, visitor: PersonVisitor) -> None:
    """« Fermer tous mes accès »: visits, links and printed codes, on every device."""
    person = visitor.person
    end_visits(session, person_id=person.id)
    revoke_links(session, to=person)
    session.execute(
        update(PersonCode)
        .where(PersonCode.person_id == person.id, PersonCode.revoked_at.is_(None))
        .values(revoked_at=clock.now())
    )
    _note(session, visitor, "accesses_closed", {})


def _refusal_note(session: Session, person: Person, *, refused: bool) -> str:
    """What a professional reads: French, whatever the language of the page."""
    if not refused:
        return "Accepte de nouveau que les employeurs voient ses informations."
    running = session.scalar(
        select(func.count(Introduction.id)).where(
            Introduction.person_id == person.id,
            Introduction.state.in_(EMPLOYER_STATES - ENDED_STATES),
        )
    )
    refusal = "Refuse que les employeurs voient ses informations."
    if not running:
        return refusal
    return (
        f"{refusal} Mises en relation en cours, désormais cachées aux employeurs\u00a0: {running}."
    )


def _note(session: Session, visitor: PersonVisitor, name: str, details: Mapping[str, Any]) -> None:
    record_event(
        session,
        actor=visitor.helper,
        subject=visitor.person,
        name=name,
        details={
            **details,
            "channel": visitor.channel.value,
            "helper_id": visitor.helper.account.id if visitor.helper else None,
        },
    )
