"""What advisers do with an offer: each one a named transition, dated, with its author."""

from __future__ import annotations

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.introductions.closing import close_with_offer
from portal.models import (
    ACTIVE_INTRODUCTION_STATES,
    Confidentiality,
    Introduction,
    IntroductionState,
    JobOffer,
    LabelledEnum,
    OfferRequirement,
    OfferState,
    OutcomeReason,
    RequirementKind,
)
from portal.offers import lookups, rules
from portal.offers.rules import OFFER_MACHINE, AbandonReason, FillReason, SuspendReason


def record_draft(session: Session, actor: Actor) -> JobOffer:
    """A new draft of the actor, empty but for what is usual."""
    offer = JobOffer(
        organisation_id=actor.organisation.id,
        adviser_id=actor.account.id,
        state=OfferState.DRAFT,
        fresh_until=rules.default_freshness(clock.today()),
    )
    session.add(offer)
    session.flush()
    record_event(session, actor=actor, subject=offer, name="captured", to_state="draft")
    return offer


def qualify_and_open(session: Session, actor: Actor, *, offer: JobOffer) -> None:
    """Qualify, then open: partners see the offer at once unless it is kept (S3-20)."""
    lookups.settle_employer(session, offer)
    rules.check_complete(offer)
    if offer.title is None and offer.occupation is not None:
        # The trade was chosen in the list without a word typed: it is how lists call the offer.
        offer.title = offer.occupation.label
    if offer.state is OfferState.DRAFT:
        _move(session, actor, offer, OfferState.QUALIFIED, "qualified")
        offer.qualified_at = clock.now()
    _move(session, actor, offer, OfferState.OPEN, "opened")
    share_if_agreed(offer)
    offer.typed = {}
    session.flush()


def share_if_agreed(offer: JobOffer) -> None:
    """Date the moment partners begin to see an opened offer; one that is kept waits for it."""
    kept = offer.confidentiality is Confidentiality.ADVISER_ONLY
    if not kept and offer.shared_at is None:
        offer.shared_at = clock.now()


def reconfirm(session: Session, actor: Actor, *, offer: JobOffer) -> None:
    """The employer still has the need: three more weeks."""
    if offer.state in rules.CLOSED_OFFER_STATES or offer.state is OfferState.DRAFT:
        raise IllegalTransitionError(_("Cette offre n’est pas à reconfirmer."))
    today = clock.today()
    if offer.start_latest is not None and offer.start_latest < today:
        raise IllegalTransitionError(
            _("La date au plus tard est passée : donnez d’abord une nouvelle date.")
        )
    offer.fresh_until = rules.default_freshness(today)
    if offer.state is OfferState.TO_CONFIRM:
        _move(session, actor, offer, _resumed_state(session, offer), "reconfirmed")
    else:
        session.flush()
        record_event(session, actor=actor, subject=offer, name="reconfirmed")


def suspend(session: Session, actor: Actor, *, offer: JobOffer, reason: SuspendReason) -> None:
    """The offer waits: nobody new is proposed."""
    _move(session, actor, offer, OfferState.SUSPENDED, "suspended", reason)


def resume(session: Session, actor: Actor, *, offer: JobOffer) -> None:
    """The offer is open again."""
    if offer.state is not OfferState.SUSPENDED:
        raise IllegalTransitionError(_("Cette offre n’est pas suspendue."))
    _move(session, actor, offer, _resumed_state(session, offer), "resumed")


def fill(session: Session, actor: Actor, *, offer: JobOffer, reason: FillReason) -> None:
    """The posts are filled; those who were presented are told (INV-10)."""
    if reason is FillReason.INTRODUCTION and not _hired(session, offer):
        raise IllegalTransitionError(
            _("Notez d’abord l’embauche sur la mise en relation de la personne.")
        )
    _move(session, actor, offer, OfferState.FILLED, "filled", reason)
    offer.closed_reason = reason.value
    close_with_offer(session, actor, offer=offer, reason=OutcomeReason.FILLED)


def abandon(session: Session, actor: Actor, *, offer: JobOffer, reason: AbandonReason) -> None:
    """The offer stops; those who were presented are told."""
    _move(session, actor, offer, OfferState.ABANDONED, "abandoned", reason)
    offer.closed_reason = reason.value
    close_with_offer(session, actor, offer=offer, reason=OutcomeReason.CANCELLED)


def retain_kinds(
    session: Session,
    actor: Actor,
    *,
    offer: JobOffer,
    kinds: dict[str, RequirementKind],
) -> None:
    """Apply what was tried in the simulator: requirements by public id."""
    for row in offer.requirements:
        wanted = kinds.get(row.public_id)
        if wanted is None or wanted is row.kind:
            continue
        before, row.kind = row.kind, wanted
        session.flush()
        record_event(
            session,
            actor=actor,
            subject=offer,
            name="requirement_reclassed",
            details={"what": row.label, "from": before.value, "to": wanted.value},
        )


def with_kinds(offer: JobOffer, kinds: dict[str, RequirementKind]) -> JobOffer:
    """A copy of the offer, in no session, with other kinds: what the simulator tries."""
    return JobOffer(
        public_id=offer.public_id,
        occupation_code=offer.occupation_code,
        commune_code=offer.commune_code,
        start_wanted=offer.start_wanted,
        start_latest=offer.start_latest,
        posts=offer.posts,
        requirements=[
            OfferRequirement(
                kind=kinds.get(row.public_id, row.kind),
                skill_code=row.skill_code,
                level=row.level,
                credential_code=row.credential_code,
                position=row.position,
            )
            for row in offer.requirements
        ],
    )


def _move(
    session: Session,
    actor: Actor,
    offer: JobOffer,
    target: OfferState,
    name: str,
    reason: LabelledEnum | None = None,
) -> None:
    code = reason.value if reason else None
    OFFER_MACHINE.move(session, offer, target, actor=actor, name=name, reason=code)


def _resumed_state(session: Session, offer: JobOffer) -> OfferState:
    """Where an offer comes back: in progress when people are presented, open if it was shared."""
    active = select(Introduction.id).where(
        Introduction.offer_id == offer.id, Introduction.state.in_(ACTIVE_INTRODUCTION_STATES)
    )
    if session.scalar(active.limit(1)):
        return OfferState.IN_PROGRESS
    kept = offer.confidentiality is Confidentiality.ADVISER_ONLY
    return OfferState.OPEN if offer.shared_at or kept else OfferState.QUALIFIED


def _hired(session: Session, offer: JobOffer) -> bool:
    query = select(Introduction.id).where(
        Introduction.offer_id == offer.id, Introduction.state == IntroductionState.HIRED
    )
    return session.scalar(query.limit(1)) is not None
