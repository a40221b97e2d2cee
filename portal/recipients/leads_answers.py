"""What a person answers about a job: kept, dated, changed whenever they wish."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.calls.queries import record_call
from portal.introductions import actions
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.locks import hold_row
from portal.models import (
    AgreementChannel,
    AnswerChannel,
    CallReason,
    CallRequest,
    Introduction,
    IntroductionState,
    JobOffer,
    LeadAnswer,
    LeadChoice,
    OutcomeReason,
    Person,
)
from portal.people.queries.abilities import record_interest
from portal.recipients.words import CHANGED_MIND, REFUSES_EMPLOYERS
from portal.today.tasks import working_days_after

#: The référent calls within two working days (domain reference §3.4, step 5).
CALL_WITHIN = 2
_CALLS = {
    LeadChoice.INTERESTED: CallReason.INTERESTED,
    LeadChoice.CALL_ME: CallReason.CALL_ME,
}


def record_answer(
    session: Session,
    *,
    person: Person,
    offer: JobOffer,
    choice: LeadChoice,
    channel: AnswerChannel,
    helper: Actor | None = None,
    reason: OutcomeReason | None = None,
) -> LeadAnswer:
    """Keep the answer, in place of an earlier one, with what follows from it.

    Interested, or to be called: the référent calls. « Pas pour moi » ends an introduction that
    was under way; it sets the trade aside only when the reason is the trade itself.
    """
    hold_row(session, person)
    row = _held(session, person, offer)
    earlier = row.choice.value if row.id else None
    _take_back_dislike(session, row, choice, reason)
    row.choice, row.reason = choice, reason
    row.answered_at, row.answered_by = clock.now(), channel
    row.helper_id = helper.account.id if helper else None
    session.add(row)
    session.flush()
    _note(session, row, "lead_answered", helper, earlier)
    _call(session, person, offer, choice, helper)
    if choice is LeadChoice.NOT_FOR_ME:
        _decline(session, row, helper)
    return row


def record_reason(
    session: Session, *, answer: LeadAnswer, reason: OutcomeReason, helper: Actor | None = None
) -> None:
    """Why it is not for them: said afterwards, never required."""
    if answer.choice is not LeadChoice.NOT_FOR_ME:
        return
    _take_back_dislike(session, answer, answer.choice, reason)
    answer.reason = reason
    session.flush()
    _note(session, answer, "lead_reason_said", helper, None)
    introduction = _introduction_of(session, answer)
    if introduction is not None and introduction.state is IntroductionState.DECLINED:
        introduction.outcome_reason = reason
    _set_trade_aside(session, answer)


def agree(
    session: Session,
    *,
    introduction: Introduction,
    channel: AnswerChannel,
    helper: Actor | None = None,
) -> None:
    """« Oui, parlez de moi »: the agreement, by the person themself or beside who heard it.

    Raises :class:`IllegalTransitionError` when it is not asked any more, or when the person
    refuses that anything goes to employers (T-SEC-06).
    """
    if introduction.person.employers_refused_at is not None:
        raise IllegalTransitionError(str(REFUSES_EMPLOYERS))
    actions.record_agreement(
        session,
        helper,
        introduction=introduction,
        channel=_agreement_channel(channel, helper),
        on=clock.today(),
    )
    record_answer(
        session,
        person=introduction.person,
        offer=introduction.offer,
        choice=LeadChoice.INTERESTED,
        channel=channel,
        helper=helper,
    )


def _agreement_channel(channel: AnswerChannel, helper: Actor | None) -> AgreementChannel:
    if helper is not None:
        return AgreementChannel.MEETING
    return AgreementChannel.SMS if channel is AnswerChannel.SMS else AgreementChannel.PORTAL


def _held(session: Session, person: Person, offer: JobOffer) -> LeadAnswer:
    known = session.scalar(
        select(LeadAnswer).where(LeadAnswer.person_id == person.id, LeadAnswer.offer_id == offer.id)
    )
    return known or LeadAnswer(person=person, offer=offer)


def _note(
    session: Session, row: LeadAnswer, name: str, helper: Actor | None, earlier: str | None
) -> None:
    record_event(
        session,
        actor=helper,
        subject=row,
        name=name,
        from_state=earlier,
        to_state=row.choice.value,
        reason=row.reason.value if row.reason else None,
        details={
            "offer": row.offer.public_id,
            "person": row.person.public_id,
            "channel": row.answered_by.value,
        },
    )


def _call(
    session: Session, person: Person, offer: JobOffer, choice: LeadChoice, helper: Actor | None
) -> None:
    """Have the référent call; a call that an earlier answer asked for is no longer due."""
    wanted = _CALLS.get(choice)
    session.execute(
        update(CallRequest)
        .where(
            CallRequest.person_id == person.id,
            CallRequest.subject_kind == JobOffer.__tablename__,
            CallRequest.subject_id == offer.id,
            CallRequest.reason.in_([reason for reason in _CALLS.values() if reason != wanted]),
            CallRequest.done_at.is_(None),
        )
        .values(
            done_at=clock.now(),
            done_by_id=helper.account.id if helper else None,
            outcome=str(CHANGED_MIND),
        )
    )
    if wanted is not None:
        record_call(
            session,
            reason=wanted,
            due_on=working_days_after(clock.today(), CALL_WITHIN),
            person=person,
            subject=offer,
            note=offer.title or None,
        )


def _decline(session: Session, answer: LeadAnswer, helper: Actor | None) -> None:
    _set_trade_aside(session, answer)
    introduction = _introduction_of(session, answer)
    if introduction is None or not INTRODUCTION_MACHINE.allows(
        introduction.state, IntroductionState.DECLINED
    ):
        return
    reason = answer.reason or OutcomeReason.OTHER
    actions.record_decline(session, helper, introduction=introduction, reason=reason)


def _introduction_of(session: Session, answer: LeadAnswer) -> Introduction | None:
    return session.scalar(
        select(Introduction).where(
            Introduction.person_id == answer.person_id, Introduction.offer_id == answer.offer_id
        )
    )


def _set_trade_aside(session: Session, answer: LeadAnswer) -> None:
    """« Je n’aime pas ce métier », and no other reason, sets the trade aside."""
    code = answer.offer.occupation_code
    if answer.reason is OutcomeReason.NOT_LIKED and code is not None:
        record_interest(session, person=answer.person, occupation_code=code, liking=-1)


def _take_back_dislike(
    session: Session, row: LeadAnswer, choice: LeadChoice, reason: OutcomeReason | None
) -> None:
    """Who changes their mind takes back the dislike that the earlier answer recorded."""
    kept = choice is LeadChoice.NOT_FOR_ME and reason is OutcomeReason.NOT_LIKED
    code = row.offer.occupation_code
    if row.reason is OutcomeReason.NOT_LIKED and not kept and code is not None:
        record_interest(session, person=row.person, occupation_code=code, liking=None)
