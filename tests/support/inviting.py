"""Invitations for tests, sent by a referent to one of their people."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

from portal import clock
from portal.access.actor import Actor
from portal.invitations.inviting import Proposal, record_invitation
from portal.models import Account, Invitation, InvitationKind, OutboxMessage, Person
from tests.support.factories import Factory


def at(days: int, hour: int = 14, minute: int = 0) -> datetime:
    """An hour of Paris, some days from today."""
    return datetime.combine(
        clock.today() + timedelta(days=days), time(hour, minute), tzinfo=clock.PARIS
    )


def actor_of(account: Account) -> Actor:
    """The account at work in its first place."""
    return Actor(account, account.memberships[0])


def invite(
    make: Factory,
    referent: Account,
    person: Person | None = None,
    *,
    kind: InvitationKind = InvitationKind.VISIT,
    starts_at: datetime | None = None,
    **values: Any,
) -> Invitation:
    """An invitation to a visit of a site, in ten days unless said otherwise."""
    values.setdefault("title", "une visite de chantier")
    values.setdefault("place", "Base de vie")
    values.setdefault("commune_code", make.commune().code)
    actor = actor_of(referent)
    return record_invitation(
        make.session,
        actor,
        person=person or make.person(referent=referent, phone="0600000001"),
        proposal=Proposal(kind=kind, starts_at=starts_at or at(10), **values),
        organisation_id=actor.organisation.id,
    )


def messages_of(make: Factory, invitation: Invitation) -> list[OutboxMessage]:
    """What was written about an invitation, in the order it leaves."""
    rows = make.session.query(OutboxMessage).filter_by(
        subject_kind="invitation", subject_id=invitation.id
    )
    return list(rows.order_by(OutboxMessage.next_try_at, OutboxMessage.id).populate_existing())
