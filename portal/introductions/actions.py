"""What happens to an introduction: each one a named transition, dated, with its author."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any, TypeAlias

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access import people as people_access
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.introductions import queries, rules
from portal.introductions.cards import build_card
from portal.introductions.closing import date_end, settle_ended
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.invitations import from_introductions
from portal.locks import hold_row
from portal.messages import events
from portal.models import (
    AgreementChannel,
    Interest,
    Introduction,
    IntroductionState,
    JobOffer,
    OfferState,
    OutcomeReason,
    Person,
)
from portal.offers.rules import OFFER_MACHINE, takes_introductions

_S = IntroductionState
#: Who acts without an account: the employer's contact (public id and name), kept with the event.
Details: TypeAlias = dict[str, Any]
# What decides whether an offer takes one person more.
_GUARDS = ("state", "max_introductions", "fresh_until", "start_latest")


@dataclass(frozen=True, slots=True)
class Proposed:
    """What came of proposing people: those prepared, and how many already were."""

    prepared: list[Introduction]
    known: int


def propose(
    session: Session,
    actor: Actor,
    *,
    offer: JobOffer,
    people: Sequence[str],
) -> Proposed:
    """Prepare the introduction of people the actor may see, by public id; asks nobody yet."""
    if not takes_introductions(offer, clock.today()):
        raise IllegalTransitionError(
            _(
                "Cette offre ne reçoit pas de propositions pour le moment : elle est à reconfirmer,"
                " suspendue ou close."
            )
        )
    # Pressed twice, the second time finds what the first one prepared.
    hold_row(session, offer)
    rows = queries.list_people_to_propose(session, people_access.may_introduce(actor), people)
    known = queries.proposed_people(session, offer.id, [row.id for row in rows])
    groups = {row.id: _group_of(session, row, offer) for row in rows if row.id not in known}
    prepared = [
        Introduction(
            person=row,
            offer=offer,
            by_id=actor.account.id,
            organisation_id=actor.organisation.id,
            group_at_proposal=groups[row.id],
        )
        for row in rows
        if row.id not in known
    ]
    session.add_all(prepared)
    session.flush()
    for row in prepared:
        record_event(session, actor=actor, subject=row, name="prepared", to_state=_S.PREPARED.value)
    return Proposed(prepared, len(known))


def _group_of(session: Session, person: Person, offer: JobOffer) -> str | None:
    """The group when proposed, kept so that one can tell later what came of each group."""
    found = mm.explain(session, person, offer)
    return found.group if found else None


def ask_agreement(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """The person was asked and will answer."""
    rules.check_person(introduction)
    _move(session, actor, introduction, _S.AGREEMENT_ASKED, "agreement_asked")
    events.agreement_asked(session, actor, introduction)


def record_agreement(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    channel: AgreementChannel,
    on: date,
) -> None:
    """The person said yes, that day, in that way (INV-04): to the actor, or by themself.

    Without an actor, ``channel`` is one of those the person uses alone.
    """
    if actor is None and channel not in rules.OWN_CHANNELS:
        raise ValueError(f"somebody heard an agreement given {channel.value}")
    if on > clock.today():
        raise IllegalTransitionError(_("La date de l’accord est à venir."))
    rules.check_person(introduction)
    now = clock.now()
    introduction.agreed_at = (
        now if on == clock.today() else datetime.combine(on, time(12), tzinfo=clock.PARIS)
    )
    introduction.agreed_channel = channel
    introduction.agreed_with_id = actor.account.id if actor else None
    _move(session, actor, introduction, _S.AGREED, "agreed", channel.value)
    events.stop_asking_agreement(session, introduction)


def record_decline(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    reason: OutcomeReason,
    text: str | None = None,
    dislikes_trade: bool = False,
) -> None:
    """« Pas pour moi »: a preference, never a fault; the trade may be set aside with it.

    Without an actor, the person says so by themself.
    """
    _end(session, actor, introduction, _S.DECLINED, "declined", reason, text)
    if dislikes_trade and actor is not None:
        _record_dislike(session, actor, introduction)


def _record_dislike(session: Session, actor: Actor, introduction: Introduction) -> None:
    """Set the trade aside in the file, where the actor may change it."""
    access = people_access.access_to(session, actor, introduction.person_id)
    code = introduction.offer.occupation_code
    if access < people_access.PersonAccess.WRITE or code is None:
        return
    interest = session.get(Interest, (introduction.person_id, code))
    if interest is None:
        interest = Interest(person_id=introduction.person_id, occupation_code=code, liking=-1)
        session.add(interest)
    interest.liking = -1
    interest.recorded_on = clock.today()
    session.flush()


def transmit(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """Give the card to the employer: agreed, in the limit, to a live offer (INV-04, T-OFF-04)."""
    offer = introduction.offer
    # Two at once must not both pass the limit.
    hold_row(session, offer)
    session.refresh(offer, _GUARDS)
    rules.check_agreement(introduction)
    rules.check_person(introduction)
    if not takes_introductions(offer, clock.today()):
        raise IllegalTransitionError(
            _("L’offre est à reconfirmer, suspendue ou close : rien n’est transmis.")
        )
    rules.check_room(queries.count_active(session, offer.id), offer.max_introductions)
    introduction.card = build_card(session, introduction.person, offer).as_json()
    introduction.sent_at = clock.now()
    _move(session, actor, introduction, _S.SENT, "sent")
    introduction.person.last_proposed_on = clock.today()
    events.cards_sent(session, actor, offer)
    if offer.state is OfferState.OPEN:
        OFFER_MACHINE.move(session, offer, OfferState.IN_PROGRESS, actor=actor, name="first_sent")


def record_seen(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    details: Details | None = None,
) -> None:
    """The employer has read the card."""
    _clear_outcome(introduction)
    _move(session, actor, introduction, _S.SEEN, "seen", details=details)


def record_meeting(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    on: date,
    details: Details | None = None,
) -> None:
    """The employer meets the person that day, or asks to: the person is invited."""
    if on < clock.today():
        raise IllegalTransitionError(_("La date de la rencontre est passée."))
    rules.check_person(introduction)
    _clear_outcome(introduction)
    introduction.meeting_on = on
    _move(session, actor, introduction, _S.MEETING, "meeting_set", details=details)
    from_introductions.invite(session, actor, introduction)


def confirm_meeting(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """The person comes on the day that the employer proposed; from then on they are named."""
    rules.check_person(introduction)
    from_introductions.confirm(session, actor, introduction)


def move_meeting(session: Session, actor: Actor, *, introduction: Introduction, on: date) -> None:
    """Another day is proposed to the person, and shown to the employer; the former one is off."""
    if on < clock.today():
        raise IllegalTransitionError(_("La date de la rencontre est passée."))
    rules.check_person(introduction)
    if introduction.meeting_on == on:
        return
    before, introduction.meeting_on = introduction.meeting_on, on
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=introduction,
        name="meeting_moved",
        to_state=introduction.state.value,
        details={"from": before.isoformat() if before else None, "to": on.isoformat()},
    )
    from_introductions.invite(session, actor, introduction)


def record_immersion(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    details: Details | None = None,
) -> None:
    """The person tries the work in the firm, or the firm asks that they do."""
    rules.check_person(introduction)
    _clear_outcome(introduction)
    _move(session, actor, introduction, _S.IMMERSION, "immersion", details=details)


def record_hire(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """The person is hired."""
    _end(session, actor, introduction, _S.HIRED, "hired", OutcomeReason.HIRED, None)


def record_refusal(
    session: Session,
    actor: Actor | None,
    *,
    introduction: Introduction,
    reason: OutcomeReason,
    text: str | None = None,
    details: Details | None = None,
) -> None:
    """The employer does not go on, and says why."""
    _end(session, actor, introduction, _S.REFUSED, "refused", reason, text, details)


def record_silence(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """The employer does not answer; it can still answer later."""
    introduction.outcome_reason = OutcomeReason.NO_ANSWER
    _move(session, actor, introduction, _S.NO_ANSWER, "no_answer", OutcomeReason.NO_ANSWER.value)


def close(
    session: Session,
    actor: Actor,
    *,
    introduction: Introduction,
    reason: OutcomeReason,
    text: str | None = None,
) -> None:
    """Nothing more is expected; an outcome already known keeps its reason."""
    kept = introduction.outcome_reason or reason
    _end(session, actor, introduction, _S.CLOSED, "closed", kept, text)


def close_gone(session: Session, actor: Actor, *, introduction: Introduction) -> None:
    """The person is gone, and whoever had to know was told that they are no longer available."""
    if not introduction.person.is_gone:
        raise IllegalTransitionError(_("La personne est encore accompagnée."))
    kept = introduction.outcome_reason or OutcomeReason.OTHER
    _end(session, actor, introduction, _S.CLOSED, "closed_gone", kept, None)


def _end(
    session: Session,
    actor: Actor | None,
    introduction: Introduction,
    target: IntroductionState,
    name: str,
    reason: OutcomeReason,
    text: str | None,
    details: Details | None = None,
) -> None:
    introduction.outcome_reason = reason
    introduction.outcome_text = (text or "").strip() or introduction.outcome_text
    date_end(introduction)
    _move(session, actor, introduction, target, name, reason.value, details)
    settle_ended(session, actor, introduction, target)


def _clear_outcome(introduction: Introduction) -> None:
    """An employer who answers after all: the silence is no longer the outcome."""
    if introduction.state is _S.NO_ANSWER:
        introduction.outcome_reason = None


def _move(
    session: Session,
    actor: Actor | None,
    introduction: Introduction,
    target: IntroductionState,
    name: str,
    reason: str | None = None,
    details: Details | None = None,
) -> None:
    INTRODUCTION_MACHINE.move(
        session, introduction, target, actor=actor, name=name, reason=reason, details=details
    )
