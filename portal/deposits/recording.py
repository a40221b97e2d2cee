"""Writing a need, and what an adviser makes of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.journal import record_event
from portal.access.transitions import IllegalTransitionError
from portal.accesses.queries import keeps
from portal.doors.contacts import contact_phone
from portal.locks import hold_row
from portal.models import (
    Commune,
    EmployerContact,
    EmployerNeed,
    EmployerNeedState,
    Establishment,
    JobOffer,
    OfferOrigin,
    Organisation,
)
from portal.offers import actions, capture, employers
from portal.text import fold

_SAME_WITHIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Writer:
    """Who writes the need: what they say of themselves, or a contact that is already known."""

    employer_name: str
    contact_name: str
    phone: str | None = None
    email: str | None = None
    siret: str | None = None
    establishment: Establishment | None = None
    contact: EmployerContact | None = None


@dataclass(frozen=True, slots=True)
class Words:
    """The need itself, as written."""

    trade: str
    posts: int
    start_wanted: date | None
    day_one: str | None
    can_learn: str | None
    more: str | None


def record_need(
    session: Session, *, writer: Writer, words: Words, commune: Commune, platform: Organisation
) -> EmployerNeed:
    """Keep a need for the platform; the same one sent twice within an hour is one need."""
    hold_row(session, platform)  # two sends at once find each other
    establishment = writer.establishment or _known_establishment(session, writer)
    row = _sent_just_before(session, writer, words, commune)
    if row is None:
        row = EmployerNeed(
            organisation_id=platform.id,
            employer_name=writer.employer_name,
            contact_name=writer.contact_name,
            commune_code=commune.code,
            trade=words.trade,
        )
        session.add(row)
    row.establishment, row.contact, row.siret = establishment, writer.contact, writer.siret
    row.contact_phone, row.contact_email = writer.phone, writer.email
    row.occupation_code = _certain_occupation(session, words.trade)
    row.posts, row.start_wanted = words.posts, words.start_wanted
    row.day_one, row.can_learn, row.more = words.day_one, words.can_learn, words.more
    session.flush()
    record_event(session, actor=None, subject=row, name="need_received")
    return row


def establishment_of_siret(session: Session, actor: Actor, need: EmployerNeed) -> Establishment:
    """The establishment of the need's SIRET, made under the typed name if nobody knew it.

    Only an adviser who qualifies makes one: whoever deposits a need could name any firm.
    """
    assert need.siret
    hold_row(session, actor.organisation)  # of two needs at once, the second one finds it
    known = employers.find_establishment(session, need.siret)
    return known or employers.record_establishment(
        session,
        name=need.employer_name,
        siret=need.siret,
        owner_id=actor.organisation.id,
        commune=need.commune,
    )


def make_offer(
    session: Session, actor: Actor, *, need: EmployerNeed, establishment: Establishment
) -> JobOffer:
    """The draft offer of a need, after the call: the adviser goes on in the capture screen.

    The number that was called becomes a contact of the establishment, unless another platform
    keeps its contacts.
    """
    _hold_received(session, need)
    offer = actions.record_draft(session, actor)
    offer.origin = OfferOrigin.DIRECT
    offer.establishment = establishment
    session.flush()
    capture.record_all(session, actor, offer=offer, fields=_fields_of(need))
    if need.occupation_code and offer.occupation_code is None:
        capture.record_field(
            session, actor, offer=offer, name="occupation_code", raw=need.occupation_code
        )
    need.establishment, need.offer, need.state = establishment, offer, EmployerNeedState.QUALIFIED
    need.contact = need.contact or _contact_of(session, actor, need, establishment)
    need.closed_by_id = actor.account.id
    session.flush()
    record_event(session, actor=actor, subject=need, name="need_qualified", to_state="qualified")
    return offer


def drop(session: Session, actor: Actor, *, need: EmployerNeed, reason: str) -> None:
    """Nothing follows, and why."""
    _hold_received(session, need)
    need.state, need.drop_reason = EmployerNeedState.DROPPED, reason
    need.closed_by_id = actor.account.id
    session.flush()
    record_event(
        session, actor=actor, subject=need, name="need_dropped", to_state="dropped", reason=reason
    )


def _hold_received(session: Session, need: EmployerNeed) -> None:
    """Of two colleagues at once, the second one is told."""
    hold_row(session, need)
    session.refresh(need, ["state"])
    if need.state is not EmployerNeedState.RECEIVED:
        raise IllegalTransitionError(_("Ce besoin a déjà eu sa suite. Rechargez la page."))


def _known_establishment(session: Session, writer: Writer) -> Establishment | None:
    """By its SIRET, or by its exact name; else the adviser will say which it is."""
    return employers.read_employer(session, writer.siret or writer.employer_name).row


def _sent_just_before(
    session: Session, writer: Writer, words: Words, commune: Commune
) -> EmployerNeed | None:
    rows = session.scalars(
        select(EmployerNeed).where(
            EmployerNeed.state == EmployerNeedState.RECEIVED,
            EmployerNeed.commune_code == commune.code,
            EmployerNeed.employer_name == writer.employer_name,
            EmployerNeed.contact_phone == writer.phone,
            EmployerNeed.created_at > clock.now() - _SAME_WITHIN,
        )
    )
    return next((row for row in rows if fold(row.trade) == fold(words.trade)), None)


def _certain_occupation(session: Session, trade: str) -> str | None:
    sure = mm.sure_occupation(mm.resolve_occupations(session, trade, limit=3))
    return sure.code if sure else None


def _contact_of(
    session: Session, actor: Actor, need: EmployerNeed, establishment: Establishment
) -> EmployerContact | None:
    """The contact with this number, else a new one where the actor's platform writes contacts."""
    phone = contact_phone(need.contact_phone)
    rows = session.scalars(
        select(EmployerContact).where(
            EmployerContact.establishment_id == establishment.id, EmployerContact.active
        )
    )
    known = next((row for row in rows if phone and contact_phone(row.phone) == phone), None)
    if known is not None or not keeps(session, actor, establishment):
        return known
    row = EmployerContact(
        establishment=establishment,
        name=need.contact_name,
        phone=phone,
        email=need.contact_email,
    )
    session.add(row)
    return row


def _fields_of(need: EmployerNeed) -> dict[str, str]:
    """What the capture screen already knows."""
    fields = {
        "title": need.trade,
        "posts": str(need.posts),
        "commune_code": need.commune_code,
        "description": _description(need),
        "other_requirement": need.day_one or "",
    }
    if need.start_wanted and need.start_wanted >= clock.today():
        fields["start_wanted"] = need.start_wanted.isoformat()
    return fields


def _description(need: EmployerNeed) -> str:
    parts = (
        (_("Dès le premier jour"), need.day_one),
        (_("Peut s’apprendre"), need.can_learn),
        (_("En plus"), need.more),
    )
    return "\n".join(f"{title} : {text}" for title, text in parts if text)
