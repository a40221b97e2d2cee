"""What hands a message over: the interface, what can go wrong, and which one serves a channel."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from portal.config import Settings
from portal.models import MessageChannel


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready to go. ``key`` never changes: a provider knows the message by it."""

    key: str
    address: str
    text: str = field(repr=False)
    title: str = ""


class SendingError(Exception):
    """The message was not taken; ``str(error)`` holds nothing of it nor of its recipient."""


class TemporaryError(SendingError):
    """Try later, after ``retry_after`` if the provider says so."""

    def __init__(self, reason: str, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.retry_after = retry_after


class PermanentError(SendingError):
    """This message will never be taken."""


class UncertainError(SendingError):
    """Nobody knows whether it was taken, and asking again could deliver it twice."""


class Provider(Protocol):
    """Hands messages over, one at a time."""

    def send(self, envelope: Envelope) -> str:
        """The provider's own reference of the message. Raises a :class:`SendingError`."""
        ...


def provider_for(settings: Settings, channel: MessageChannel) -> Provider | None:
    """What serves a channel; None when nothing does: the message is then said by telephone."""
    from portal.messages.mail import SmtpProvider
    from portal.messages.sms import HttpSmsProvider

    chosen = settings.messages
    if channel is MessageChannel.SMS and chosen.sms_url:
        return HttpSmsProvider(chosen)
    if channel is MessageChannel.EMAIL and chosen.smtp and chosen.mail_from:
        return SmtpProvider(chosen.smtp, chosen.mail_from, chosen.timeout_seconds)
    return None
