"""What the screens of invitations show: previews, states in words, what may be done."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _

from portal import clock
from portal.access.actor import Actor
from portal.invitations import words
from portal.invitations.inviting import Proposal, draft
from portal.invitations.rules import OPEN_STATES, has_started
from portal.messages.outbox import channel_of
from portal.messages.tongues import FRENCH
from portal.models import (
    Commune,
    DomainEvent,
    Invitation,
    InvitationState,
    MessageChannel,
    Person,
)
from portal.text import N_

_SHOWN_LINK = "https://…"
_EVENTS = {
    "invited": N_("Invitation envoyée"),
    "answered": N_("Réponse"),
    "moved": N_("Autre date"),
    "cancelled": N_("Annulation"),
    "presence_noted": N_("Présence notée"),
    "day_said": N_("Premier jour"),
}


@dataclass(frozen=True, slots=True)
class Preview:
    """The message as it will read, its length once the link is written, and how it reaches whom."""

    text: str
    length: int
    by: list[tuple[str, list[str]]]


def preview_of(
    actor: Actor, people: Sequence[Person], proposal: Proposal, commune: Commune | None
) -> Preview:
    """The message of a proposal; people are gathered by the way they are reached."""
    row = draft(people[0], proposal, organisation_id=actor.organisation.id)
    row.organisation, row.commune = actor.organisation, commune
    # In French, whatever each will read: it is for who writes, and no language is told.
    sms = words.invitation_text(row, clock.today(), FRENCH).sms
    by = [
        (channel.label, [p.short_name for p in people if channel_of(p) is channel])
        for channel in MessageChannel
    ]
    return Preview(
        sms.replace("{link}", _SHOWN_LINK), words.length_of(sms), [line for line in by if line[1]]
    )


@dataclass(frozen=True, slots=True)
class Allowed:
    """What may be done on an invitation now."""

    answers: bool
    closes: bool
    cancels: bool


def allowed_on(invitation: Invitation, *, writes: bool) -> Allowed:
    """Before its hour: an answer, a cancellation; after it: whether the person came."""
    started = has_started(invitation, clock.now())
    is_open = invitation.state in OPEN_STATES
    over = is_open or invitation.state in (InvitationState.ATTENDED, InvitationState.MISSED)
    # A hub closes its own meetings, with everybody's presence.
    own = invitation.booking_id is None
    return Allowed(
        answers=writes and is_open and not started,
        closes=writes and over and started and own,
        cancels=writes and is_open and not started and own,
    )


def event_words(event: DomainEvent) -> str:
    """« Réponse : acceptée »."""
    name = _(_EVENTS.get(event.name, event.name))
    states = {state.value: state.label for state in InvitationState}
    state = states.get(event.to_state or "")
    return f"{name}\u00a0: {state}" if state and event.name != "invited" else str(name)
