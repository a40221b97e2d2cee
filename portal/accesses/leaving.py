"""Whether a link left: the message that carries it says so, and what to do when it did not."""

from __future__ import annotations

from dataclasses import dataclass

from portal.messages.facts import LINK_MARK
from portal.models import DoorLink, MessageState, OutboxMessage
from portal.text import N_

_S = MessageState
#: What to do about a message that did not leave, in words for a professional.
_TO_DO: dict[MessageState, str] = {
    _S.TO_SEND: N_("il part tout seul, entre 8 h et 20 h"),
    _S.SENDING: N_("il part en ce moment"),
    _S.UNCERTAIN: N_("demandez si le courriel est arrivé"),
    _S.TO_CALL: N_("appelez, ou demandez un mobile ou un courriel"),
    _S.FAILED: N_("appelez, et vérifiez le numéro ou le courriel"),
    _S.CALLED: N_("c’est dit par téléphone"),
    _S.CANCELLED: N_("le message est annulé"),
}
NOT_LEFT = N_("pas parti")
_STANDINGS: dict[MessageState, str] = {
    _S.TO_SEND: N_("pas encore parti"),
    _S.SENDING: N_("pas encore parti"),
    _S.UNCERTAIN: N_("peut-être parti"),
}
_NO_ROOM = N_("le SMS n’avait pas la place du lien, on y répond par 1, 2 ou 3")


@dataclass(frozen=True, slots=True)
class SentLink:
    """A link, and the message that was to carry it; None when it was used without one."""

    row: DoorLink
    message: OutboxMessage | None

    @property
    def left(self) -> bool:
        """Whether somebody has it in their hands."""
        if self.row.used_at is not None or self.message is None:
            return True
        return self.message.state is _S.SENT and LINK_MARK in self.message.body

    @property
    def standing(self) -> str:
        """« pas parti », « pas encore parti », « peut-être parti »; to translate."""
        assert self.message is not None
        return _STANDINGS.get(self.message.state, NOT_LEFT)

    @property
    def is_lost(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.standing == NOT_LEFT

    @property
    def why(self) -> str | None:
        """Why it did not leave, in French, when the message says so."""
        return self.message.error if self.message is not None else None

    @property
    def to_do(self) -> str:
        """What follows, or what to do; to translate."""
        assert self.message is not None
        return _TO_DO.get(self.message.state, _NO_ROOM)
