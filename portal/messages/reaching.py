"""Why no message reaches somebody, said where a silence would leave people waiting."""

from __future__ import annotations

from portal.messages.outbox import Recipient, channel_of
from portal.models import Account, MessageChannel
from portal.models.base import LabelledEnum
from portal.phones import e164
from portal.text import N_


class Unreached(LabelledEnum):
    """Why a message can only be said, in words for a professional."""

    LANDLINE = "landline", N_("téléphone fixe\u00a0: ni SMS, ni code")
    NO_ADDRESS = "no_address", N_("ni mobile, ni courriel")
    STOPPED = "stopped", N_("ne veut plus de messages")


def why_unreached(to: Recipient, *, asked_for: bool = False) -> Unreached | None:
    """Why neither SMS nor e-mail can leave; None when one can.

    ``asked_for``: what somebody waits for (a code) leaves in spite of a STOP.
    """
    if channel_of(to, asked_for=asked_for) is not MessageChannel.CALL or isinstance(to, Account):
        return None
    if channel_of(to, asked_for=True) is not MessageChannel.CALL:
        return Unreached.STOPPED
    return Unreached.LANDLINE if e164(to.phone) else Unreached.NO_ADDRESS
