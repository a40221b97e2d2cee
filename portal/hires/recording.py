"""A hire recorded, prolonged, ended: the contract and its follow-ups in one transaction."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.hires import rules
from portal.hires.rules import HIRE_MACHINE, Period, Terms
from portal.hubs.moves import move_membership
from portal.introductions import actions as introductions
from portal.introductions.rules import INTRODUCTION_MACHINE
from portal.locks import lock_row
from portal.models import (
    CohortMembership,
    ContractKind,
    Establishment,
    FollowUpKind,
    FollowUpResult,
    FollowUpSide,
    Hire,
    HireEndReason,
    HireState,
    Introduction,
    IntroductionState,
    JobFollowUp,
    JobOffer,
    MembershipState,
    OutcomeReason,
    Person,
)


def record_hire(
    session: Session,
    actor: Actor,
    *,
    person: Person,
    establishment: Establishment,
    terms: Terms,
    offer: JobOffer | None = None,
    introduction: Introduction | None = None,
    membership: CohortMembership | None = None,
) -> Hire:
    """Record a signed contract with its dated follow-ups, and what it settles.

    The introduction, or the place in a cohort, from which the person was hired is « embauchée ».
    The actor's structure becomes responsible for the follow-up. Raises
    :class:`IllegalTransitionError` for impossible dates, more than 48 hours a week in all, or a
    contract that is recorded already: a form sent twice is one hire.
    """
    if membership is not None:
        lock_row(session, membership.cohort)
    lock_row(session, person)
    _check_new(session, person, establishment, terms)
    rules.check_terms(terms, clock.today())
    rules.check_hours(rules.most_weekly_hours(terms, _current_periods(session, person)))
    hire = _contract(actor, person, establishment, terms)
    hire.offer, hire.cohort_id = offer, membership.cohort_id if membership else None
    session.add(hire)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=hire,
        name="hire_recorded",
        to_state=HireState.CURRENT.value,
        details={"contract": terms.contract.value, "start": terms.start.isoformat()},
    )
    if introduction is not None:
        _settle_introduction(session, actor, introduction)
    if membership is not None and membership.state is not MembershipState.HIRED:
        move_membership(session, actor, membership, MembershipState.HIRED)
    return hire


def _check_new(
    session: Session, person: Person, establishment: Establishment, terms: Terms
) -> None:
    """Refuse the contract of the same firm that begins the same day and still runs."""
    same = select(Hire.id).where(
        Hire.person_id == person.id,
        Hire.establishment_id == establishment.id,
        Hire.contract == terms.contract,
        Hire.start == terms.start,
        Hire.state == HireState.CURRENT,
    )
    if session.scalar(same.limit(1)) is not None:
        raise IllegalTransitionError(_("Cette embauche est déjà enregistrée."))


def _contract(actor: Actor, person: Person, establishment: Establishment, terms: Terms) -> Hire:
    """What was signed, and the days on which somebody asks for news."""
    return Hire(
        person=person,
        establishment=establishment,
        recorded_by_id=actor.account.id,
        organisation_id=actor.organisation.id,
        contract=terms.contract,
        start=terms.start,
        end_planned=terms.end_planned,
        weekly_hours=terms.weekly_hours,
        clause_hours=terms.clause_hours,
        follow_ups=[
            JobFollowUp(kind=due.kind, side=due.side, due=due.day)
            for due in rules.follow_ups_of(terms.start, terms.end_planned)
        ],
    )


def _current_periods(session: Session, person: Person) -> list[Period]:
    rows = session.scalars(
        select(Hire)
        .where(Hire.person_id == person.id, Hire.state == HireState.CURRENT)
        .execution_options(populate_existing=True)
    )
    return [Period(row.start, row.end_planned, row.weekly_hours) for row in rows]


def weekly_hours_of(session: Session, hire: Hire) -> float:
    """The hours a week of a person over the current contracts that run beside this one."""
    terms = Terms(hire.contract, hire.start, hire.end_planned, None)
    return rules.most_weekly_hours(terms, _current_periods(session, hire.person))


def _settle_introduction(session: Session, actor: Actor, introduction: Introduction) -> None:
    """The introduction from which the person was hired has found its outcome."""
    if introduction.state is IntroductionState.HIRED:
        return
    if not INTRODUCTION_MACHINE.allows(introduction.state, IntroductionState.HIRED):
        raise IllegalTransitionError(
            _("Notez d’abord la rencontre dans la mise en relation\u00a0: l’embauche vient après.")
        )
    introductions.record_hire(session, actor, introduction=introduction)


def close_others(session: Session, actor: Actor, *, rows: list[Introduction]) -> None:
    """Close introductions of a person who has found a job, as the actor confirmed."""
    for row in rows:
        introductions.close(session, actor, introduction=row, reason=OutcomeReason.HIRED_ELSEWHERE)


def prolong(
    session: Session,
    actor: Actor,
    *,
    hire: Hire,
    contract: ContractKind,
    end_planned: date | None,
) -> None:
    """A new end, or none any more; the preparation of the end moves with it."""
    if hire.state is not HireState.CURRENT:
        raise IllegalTransitionError(_("Ce contrat est terminé\u00a0: enregistrez une embauche."))
    terms = Terms(contract, hire.start, end_planned, hire.weekly_hours, hire.clause_hours)
    rules.check_terms(terms, clock.today())
    before = hire.end_planned
    hire.contract, hire.end_planned = contract, end_planned
    _move_end_notice(session, hire)
    session.flush()
    record_event(
        session,
        actor=actor,
        subject=hire,
        name="hire_prolonged",
        details={
            "from": before.isoformat() if before else None,
            "to": end_planned.isoformat() if end_planned else None,
        },
    )


def _move_end_notice(session: Session, hire: Hire) -> None:
    """The end of a contract is prepared again when it moves, whatever was said before."""
    old = next((r for r in hire.follow_ups if r.kind is FollowUpKind.END_OF_SITE), None)
    if old is not None:
        hire.follow_ups.remove(old)
        session.flush()  # its place must be free before another takes it
    day = rules.end_notice(hire.start, hire.end_planned)
    if day is not None:
        hire.follow_ups.append(
            JobFollowUp(kind=FollowUpKind.END_OF_SITE, side=FollowUpSide.PERSON, due=day)
        )


def end_hire(
    session: Session,
    actor: Actor,
    *,
    hire: Hire,
    on: date,
    reason: HireEndReason,
    note: str | None = None,
) -> None:
    """The contract has ended, as foreseen or not; « n’est plus en poste » is dealt with."""
    if not hire.start <= on <= clock.today():
        raise IllegalTransitionError(
            _("La fin du contrat est entre son début et aujourd’hui. Relisez la date.")
        )
    hire.ended_on, hire.end_reason, hire.end_note = on, reason, note or None
    target = rules.end_state(reason)
    HIRE_MACHINE.move(session, hire, target, actor=actor, name="hire_ended", reason=reason.value)
    for row in hire.follow_ups:
        if row.result is FollowUpResult.GONE and row.settled_on is None:
            row.settled_on, row.settled_how = clock.today(), reason.label
    session.flush()
