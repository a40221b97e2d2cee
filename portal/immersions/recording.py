"""Preparing an immersion, and passing its gates: every save is judged, under a lock (INV-06)."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import date
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.immersions import queries, rules
from portal.immersions.convention import Breach, is_minor
from portal.immersions.judging import Draft, judge
from portal.immersions.states import (
    EDITABLE_STATES,
    IMMERSION_MACHINE,
    SIGNING_STATES,
    CancelReason,
    RefusalReason,
)
from portal.invitations import from_immersions
from portal.locks import lock_row
from portal.models import (
    Immersion,
    ImmersionSignature,
    ImmersionState,
    Organisation,
    SignatoryRole,
    SignatureMethod,
)

_S = ImmersionState


class NotLegalError(Exception):
    """The law forbids the convention as it is asked; nothing was kept."""

    def __init__(self, breaches: list[Breach]) -> None:
        super().__init__("; ".join(breach.rule for breach in breaches))
        self.breaches = breaches


def record_immersion(
    session: Session,
    actor: Actor | None,
    *,
    draft: Draft,
    support: Organisation | None = None,
    details: dict[str, Any] | None = None,
) -> Immersion:
    """A new convention: checked when every rule holds, a draft while something is to obtain.

    ``support``: who accompanies, when a firm asks (``details`` says who of it) and not a
    professional. Raises :class:`NotLegalError` when the law forbids it. The person's row is held
    while it is judged beside the others, so that two at once cannot pass a limit together.
    """
    lock_row(session, draft.person)
    breaches = _judged(session, draft)
    if support is None:
        assert actor is not None, "without an actor, say who accompanies"
        support = queries.get_support(session, actor, draft.person)
    row = Immersion(by_id=actor.account.id if actor else None, support=support)
    _fill(row, draft)
    _keep_verdict(row, breaches)
    session.add(row)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=row,
        name="prepared",
        to_state=_S.DRAFT.value,
        details=details,
    )
    _settle_state(session, actor, row, breaches)
    return row


def change_immersion(session: Session, actor: Actor, *, immersion: Immersion, draft: Draft) -> None:
    """Change a convention that nobody has signed; it is judged again as a new one is."""
    lock_row(session, draft.person)
    session.refresh(immersion)
    if immersion.state not in EDITABLE_STATES:
        raise IllegalTransitionError(
            _("Cette convention est partie à la signature\u00a0: elle ne change plus.")
        )
    breaches = _judged(session, draft, own_id=immersion.id)
    _fill(immersion, draft)
    _keep_verdict(immersion, breaches)
    session.flush()
    record_event(session, actor=actor, subject=immersion, name="changed")
    _settle_state(session, actor, immersion, breaches)


def _judged(session: Session, draft: Draft, own_id: int | None = None) -> list[Breach]:
    breaches = judge(session, draft, own_id=own_id)
    if rules.illegal(breaches):
        raise NotLegalError(breaches)
    return breaches


def _fill(row: Immersion, draft: Draft) -> None:
    for field in fields(draft):
        setattr(row, field.name, getattr(draft, field.name))


def _keep_verdict(row: Immersion, breaches: list[Breach]) -> None:
    """What the rules said, with their articles, on that day."""
    row.checked_at = clock.now()
    row.rules_checked = {
        "on": row.start.isoformat(),
        "breaches": [asdict(breach) for breach in breaches],
    }


def _settle_state(
    session: Session, actor: Actor | None, row: Immersion, breaches: list[Breach]
) -> None:
    target = _S.DRAFT if breaches else _S.CHECKED
    if row.state is not target:
        IMMERSION_MACHINE.move(session, row, target, actor=actor, name=target.value)


def send_to_sign(session: Session, actor: Actor, *, immersion: Immersion) -> None:
    """The sheet goes to be signed: every rule holds, and the period is still to come."""
    _check_again(session, immersion)
    IMMERSION_MACHINE.move(session, immersion, _S.TO_SIGN, actor=actor, name="sent_to_sign")


def _check_again(session: Session, immersion: Immersion) -> None:
    """Judge a row under the lock before a gate; other conventions may have come since."""
    lock_row(session, immersion.person)
    session.refresh(immersion)
    if immersion.start < clock.today():
        raise IllegalTransitionError(
            _("La période a déjà commencé\u00a0: une convention se signe avant.")
        )
    breaches = judge(session, immersion, own_id=immersion.id)
    if breaches:
        raise IllegalTransitionError(" ".join(said(breach) for breach in breaches))


def said(breach: Breach) -> str:
    """A breach in two sentences, with its article."""
    return f"{breach.reason} {breach.proposal} ({breach.article})"


def needed_roles(immersion: Immersion) -> list[SignatoryRole]:
    """Who signs before the prescriber, in the order of the sheet."""
    names = rules.needed_signatures(
        minor=is_minor(immersion.person.birth_date, immersion.start),
        employed=immersion.employed,
        suspended=immersion.contract_suspended,
    )
    return [SignatoryRole(name) for name in names]


def missing_roles(immersion: Immersion) -> list[SignatoryRole]:
    """Who has not signed yet."""
    signed = {signature.role for signature in immersion.signatures}
    return [role for role in needed_roles(immersion) if role not in signed]


def record_signature(
    session: Session,
    actor: Actor,
    *,
    immersion: Immersion,
    role: SignatoryRole,
    name: str,
    method: SignatureMethod,
    signed_on: date,
) -> None:
    """A signature given: once the last is there, the sheet goes to the prescriber."""
    lock_row(session, immersion)
    session.refresh(immersion, ["signatures"])
    if immersion.state not in SIGNING_STATES or role not in missing_roles(immersion):
        raise IllegalTransitionError(_("Cette signature n’est pas attendue."))
    if signed_on > clock.today():
        raise IllegalTransitionError(_("La date de la signature est à venir."))
    _sign(session, actor, immersion, role, name, method, signed_on)
    if immersion.state is _S.TO_SIGN:
        IMMERSION_MACHINE.move(
            session, immersion, _S.PARTLY_SIGNED, actor=actor, name="signed", reason=role.value
        )
    else:
        record_event(session, actor=actor, subject=immersion, name="signed", reason=role.value)
    if not missing_roles(immersion):
        IMMERSION_MACHINE.move(session, immersion, _S.IN_VALIDATION, actor=actor, name="all_signed")


def _sign(
    session: Session,
    actor: Actor,
    immersion: Immersion,
    role: SignatoryRole,
    name: str,
    method: SignatureMethod,
    signed_on: date,
) -> None:
    immersion.signatures.append(
        ImmersionSignature(
            role=role,
            name=name,
            method=method,
            signed_on=signed_on,
            recorded_by_id=actor.account.id,
            recorded_at=clock.now(),
        )
    )
    session.flush()


def validate(session: Session, actor: Actor, *, immersion: Immersion) -> None:
    """The prescriber's structure validates, and signs by it; nobody else may (P6)."""
    _check_prescriber(actor, immersion)
    _check_again(session, immersion)
    IMMERSION_MACHINE.move(session, immersion, _S.VALIDATED, actor=actor, name="validated")
    _sign(
        session,
        actor,
        immersion,
        SignatoryRole.PRESCRIBER,
        actor.account.full_name,
        SignatureMethod.PORTAL,
        clock.today(),
    )
    from_immersions.invite(session, actor, immersion)


def refuse(session: Session, actor: Actor, *, immersion: Immersion, reason: RefusalReason) -> None:
    """The prescriber's structure refuses, and says why."""
    _check_prescriber(actor, immersion)
    _end(session, actor, immersion, _S.REFUSED, reason.value)


def _check_prescriber(actor: Actor, immersion: Immersion) -> None:
    if immersion.prescriber_id != actor.organisation.id:
        raise IllegalTransitionError(
            _("Seul le prescripteur décide\u00a0: la demande est chez lui.")
        )


def has_begun(immersion: Immersion, today: date) -> bool:
    """Whether the person may have come already."""
    return immersion.state is _S.IN_PROGRESS or (
        immersion.state is _S.VALIDATED and immersion.start <= today
    )


def cancel(session: Session, actor: Actor, *, immersion: Immersion, reason: CancelReason) -> None:
    """It does not take place: the limits of the law no longer count it.

    A signed one whose first day has come is assessed instead: its days are used.
    """
    lock_row(session, immersion)
    if has_begun(immersion, clock.today()):
        raise IllegalTransitionError(
            _("L’immersion a commencé\u00a0: notez le bilan, avec le dernier jour venu.")
        )
    _end(session, actor, immersion, _S.CANCELLED, reason.value)
    from_immersions.cancel(session, actor, immersion)


def _end(
    session: Session, actor: Actor, immersion: Immersion, target: ImmersionState, reason: str
) -> None:
    immersion.end_reason = reason
    IMMERSION_MACHINE.move(
        session, immersion, target, actor=actor, name=target.value, reason=reason
    )
