"""Servers on loopback, settings that lead to them, and one way to write a message."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portal import clock
from portal.config import Settings
from portal.messages.outbox import Text, write_message
from portal.models import MessageKind, OutboxMessage
from tests.support.factories import Factory
from tests.support.messages import (
    NOON,
    Mailbox,
    SmsGateway,
    mailbox,
    settings_for,
    sms_gateway,
)

Write = Callable[..., OutboxMessage]
TEXT = Text(sms="Bonjour, a demain.", title="Demain", mail="Bonjour,\n\nà demain.", to_say="Demain")


@pytest.fixture
def gateway() -> Iterator[SmsGateway]:
    with sms_gateway() as found:
        yield found


@pytest.fixture
def box() -> Iterator[Mailbox]:
    with mailbox() as found:
        yield found


@pytest.fixture
def sms_settings(settings: Settings, gateway: SmsGateway) -> Settings:
    return replace(settings, messages=settings_for(gateway))


@pytest.fixture
def mail_settings(settings: Settings, box: Mailbox) -> Settings:
    return replace(settings, messages=settings_for(box=box))


@pytest.fixture
def write(session: Session, make: Factory) -> Write:
    return writer(session, make)


def writer(session: Session, make: Factory) -> Write:
    """Writes and commits a message; to a new person with a mobile number unless said."""
    numbers = iter(range(1000))

    def write(to: Any = None, at: datetime = NOON, **values: Any) -> OutboxMessage:
        if to is None:
            to = make.person(phone=f"06 39 98 {next(numbers):04d}")
        values.setdefault("key", f"test:{next(numbers)}")
        values.setdefault("kind", MessageKind.INVITATION)
        values.setdefault("text", TEXT)
        values.setdefault("organisation_id", getattr(to, "owner_id", None))
        with clock.frozen_at(at):
            row = write_message(session, to=to, **values)
        session.commit()
        return row

    return write
