"""The next gates of an introduction: what may be done, in words, and how it is recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.introductions import actions
from portal.introductions.rules import ENDED_STATES, INTRODUCTION_MACHINE
from portal.locks import lock_row
from portal.models import AgreementChannel, Introduction, IntroductionState, OutcomeReason
from portal.text import N_

_S = IntroductionState


@dataclass(frozen=True, slots=True)
class Step:
    """An action: its address, the state it leads to, its button, and what it says once done."""

    action: str
    target: IntroductionState
    label: str
    said: str
    record: Callable[..., None]
    #: The state from which it is the usual next gate: shown first, as the one to press.
    usual_from: tuple[IntroductionState, ...] = ()


def _agreement(form: Any) -> dict[str, Any]:
    return {"channel": AgreementChannel(form.channel.data), "on": form.on.data}


def _meeting(form: Any) -> dict[str, Any]:
    return {"on": form.on.data}


def _reason(form: Any) -> dict[str, Any]:
    return {"reason": OutcomeReason(form.reason.data), "text": form.text.data}


def _decline(form: Any) -> dict[str, Any]:
    return {**_reason(form), "dislikes_trade": bool(form.dislikes_trade.data)}


_ARGUMENTS: dict[str, Callable[[Any], dict[str, Any]]] = {
    "accord": _agreement,
    "rencontre": _meeting,
    "autre-jour": _meeting,
    "pas-pour-moi": _decline,
    "non-retenue": _reason,
    "clore": _reason,
}

STEPS = (
    Step(
        "accord-demande",
        _S.AGREEMENT_ASKED,
        N_("Accord demandé"),
        N_("Accord demandé : la réponse est attendue."),
        actions.ask_agreement,
    ),
    Step(
        "accord",
        _S.AGREED,
        N_("Noter son accord"),
        N_("Accord noté."),
        actions.record_agreement,
        (_S.PREPARED, _S.AGREEMENT_ASKED),
    ),
    Step(
        "transmettre",
        _S.SENT,
        N_("Transmettre à l’entreprise"),
        N_("Fiche transmise à l’entreprise."),
        actions.transmit,
        (_S.AGREED,),
    ),
    Step("vue", _S.SEEN, N_("L’entreprise l’a lue"), N_("Lecture notée."), actions.record_seen),
    Step(
        "rencontre",
        _S.MEETING,
        N_("Noter la rencontre"),
        N_("Rencontre notée."),
        actions.record_meeting,
        (_S.SENT, _S.SEEN, _S.NO_ANSWER),
    ),
    Step(
        "immersion",
        _S.IMMERSION,
        N_("Immersion dans l’entreprise"),
        N_("Immersion notée."),
        actions.record_immersion,
    ),
    Step(
        "embauche",
        _S.HIRED,
        N_("Embauche"),
        N_("Embauche notée. Bravo."),
        actions.record_hire,
        (_S.MEETING, _S.IMMERSION),
    ),
    Step(
        "non-retenue",
        _S.REFUSED,
        N_("Non retenue par l’entreprise"),
        N_("Réponse notée."),
        actions.record_refusal,
    ),
    Step(
        "sans-reponse",
        _S.NO_ANSWER,
        N_("Toujours sans réponse"),
        N_("Noté : l’entreprise peut encore répondre."),
        actions.record_silence,
    ),
    Step(
        "pas-pour-moi",
        _S.DECLINED,
        N_("« Pas pour moi »"),
        N_("Choix de la personne noté."),
        actions.record_decline,
    ),
    Step("clore", _S.CLOSED, N_("Clore"), N_("Mise en relation close."), actions.close),
)
#: All that is left to do about a person who is gone: the introduction is a fact, and it ends.
CLOSE_GONE = Step(
    "clore-plus-disponible",
    _S.CLOSED,
    N_("C’est dit\u00a0: clore"),
    N_("Mise en relation close."),
    actions.close_gone,
    tuple(_S),
)


#: While they are to meet: neither changes the state.
CONFIRM_MEETING = Step(
    "confirmer-rencontre",
    _S.MEETING,
    N_("La personne vient\u00a0: confirmer"),
    N_("Rencontre confirmée\u00a0: l’entreprise lit le nom de la personne."),
    actions.confirm_meeting,
    (_S.MEETING,),
)
MOVE_MEETING = Step(
    "autre-jour",
    _S.MEETING,
    N_("Proposer un autre jour"),
    N_("Autre jour proposé à la personne\u00a0; l’entreprise le voit."),
    actions.move_meeting,
)
BY_ACTION = {step.action: step for step in (*STEPS, CLOSE_GONE, CONFIRM_MEETING, MOVE_MEETING)}


def next_steps(introduction: Introduction, *, agreed: bool) -> list[Step]:
    """The steps that may follow, the usual one first; about somebody gone, the end alone.

    ``agreed``: the person agreed to the meeting that is set.
    """
    if introduction.person.is_gone:
        return [] if introduction.state in ENDED_STATES else [CLOSE_GONE]
    legal = [s for s in STEPS if INTRODUCTION_MACHINE.allows(introduction.state, s.target)]
    legal.sort(key=lambda step: introduction.state not in step.usual_from)
    if introduction.state is not _S.MEETING:
        return legal
    return [*legal, MOVE_MEETING] if agreed else [CONFIRM_MEETING, MOVE_MEETING, *legal]


def usual_actions(introduction: Introduction, following: Sequence[Step]) -> frozenset[str]:
    """The actions to press first: to confirm a meeting comes before what may come of it."""
    if CONFIRM_MEETING in following:
        return frozenset({CONFIRM_MEETING.action})
    return frozenset(s.action for s in following if introduction.state in s.usual_from)


def record_step(
    session: Session, actor: Actor, *, introduction: Introduction, action: str, form: Any
) -> Step:
    """Record an action with what its validated form says.

    Raises :class:`IllegalTransitionError` for any other than the end about somebody gone.
    """
    step = BY_ACTION[action]
    if introduction.person.is_gone and step is not CLOSE_GONE:
        raise IllegalTransitionError(
            _("La personne n’est plus disponible\u00a0: dites-le à l’entreprise, puis closez.")
        )
    if step in (CONFIRM_MEETING, MOVE_MEETING):
        lock_row(session, introduction)  # pressed twice, it happens once
        if introduction.state is not _S.MEETING:
            raise IllegalTransitionError(_("Aucune rencontre n’est prévue."))
    arguments = _ARGUMENTS[action](form) if action in _ARGUMENTS else {}
    step.record(session, actor, introduction=introduction, **arguments)
    return step
