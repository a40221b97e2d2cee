"""« Mon parcours »: the dated steps in plain words, and the person's own yes or wish to change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from portal import clock
from portal.access.actor import Actor
from portal.calls.queries import record_call
from portal.models import (
    CURRENT_PATHWAY_STATES,
    AgreementChannel,
    CallReason,
    CallRequest,
    JobOffer,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    StepKind,
    StepState,
    TrainingSession,
)
from portal.pathways import moves
from portal.text import N_
from portal.today.tasks import working_days_after

_SENTENCES = {
    StepKind.CHECK: N_("Vous répondez à des questions avec votre conseiller."),
    StepKind.BARRIER: N_("Vous réglez un point avec votre conseiller."),
    StepKind.IMMERSION: N_("Vous essayez un métier en entreprise."),
    StepKind.TRAINING: N_("Vous allez en formation."),
    StepKind.HIRE: N_("Vous commencez le travail."),
}
#: Steps of which nothing more is written on a page that others may see.
_UNSAID = frozenset({StepKind.CHECK, StepKind.BARRIER})
_PICTOS = {
    StepKind.CHECK: "question",
    StepKind.BARRIER: "contacts",
    StepKind.IMMERSION: "leads",
    StepKind.TRAINING: "skills",
    StepKind.HIRE: "step",
}

#: What a person says when they want another pathway: code, words.
CHANGES = {
    "dates": _l("Les dates ne vont pas"),
    "trade": _l("Le métier ne va pas"),
    "trip": _l("Le trajet est trop long"),
    "other": _l("Autre raison"),
}
#: The same, as the professional who calls reads it.
_NOTES = {
    "dates": "Les dates ne vont pas",
    "trade": "Le métier ne va pas",
    "trip": "Le trajet est trop long",
    "other": "Autre raison",
}
_CALL_WITHIN = 2


@dataclass(frozen=True, slots=True)
class Told:
    """A step in plain words; ``detail``, ``place`` and ``who`` stay in French."""

    what: str
    picto: str
    start: date
    end: date
    state: str
    detail: str | None = None
    place: str | None = None
    who: str | None = None

    @property
    def lasts(self) -> bool:
        """Whether it takes more than a day."""
        return self.end > self.start


def get_current(session: Session, person: Person) -> Pathway | None:
    """The pathway the person agreed to, under way or in pause."""
    return _latest(session, person, tuple(CURRENT_PATHWAY_STATES))


def get_proposed(session: Session, person: Person) -> Pathway | None:
    """The latest pathway that waits for the person's answer."""
    return _latest(session, person, (PathwayState.PROPOSED,))


def _latest(session: Session, person: Person, states: Sequence[PathwayState]) -> Pathway | None:
    steps = selectinload(Pathway.steps)
    return session.scalar(
        select(Pathway)
        .where(Pathway.person_id == person.id, Pathway.state.in_(states))
        .order_by(Pathway.created_at.desc(), Pathway.id.desc())
        .options(
            steps.joinedload(PathwayStep.commune),
            steps.joinedload(PathwayStep.session).joinedload(TrainingSession.commune),
            steps.joinedload(PathwayStep.offer),
            joinedload(Pathway.goal_offer).joinedload(JobOffer.occupation),
            joinedload(Pathway.goal_occupation),
        )
        .limit(1)
    )


def get_own(session: Session, person: Person, public_id: str) -> Pathway | None:
    """The person's pathway under this id; None for anybody else's (a 404)."""
    return session.scalar(
        select(Pathway).where(Pathway.public_id == public_id, Pathway.person_id == person.id)
    )


def goal_of(pathway: Pathway) -> str:
    """The trade it leads to, in French."""
    offer = pathway.goal_offer
    trade = pathway.goal_occupation or (offer.occupation if offer else None)
    return trade.label if trade else (offer.title or "" if offer else "")


def told(pathway: Pathway) -> list[Told]:
    """Its steps but those that were cancelled; the first one not done is « now »."""
    rows = [step for step in pathway.steps if step.state is not StepState.CANCELLED]
    return [sentence_of(step, _state(step, rows)) for step in rows]


def _state(step: PathwayStep, rows: Sequence[PathwayStep]) -> str:
    if step.state is StepState.DONE:
        return "done"
    first = next(row for row in rows if row.state is not StepState.DONE)
    return "now" if step is first else "later"


def sentence_of(step: PathwayStep, state: str = "later") -> Told:
    """A step as it is told to the person; a barrier is never named."""
    what = _SENTENCES.get(step.kind)
    said = step.kind not in _UNSAID
    return Told(
        what=str(_(what)) if what else step.title,
        picto=_PICTOS.get(step.kind, "day"),
        start=step.start,
        end=step.end,
        state=state,
        detail=_detail(step) if said else None,
        place=_place(step) if said else None,
        who=step.responsible_text if said else None,
    )


def _detail(step: PathwayStep) -> str | None:
    if step.kind is StepKind.TRAINING:
        return step.title
    if step.kind is StepKind.HIRE and step.offer is not None:
        return step.offer.title
    return None


def _place(step: PathwayStep) -> str | None:
    if step.session is not None and step.session.remote:
        return None
    return step.commune.name if step.commune else None


def agree(session: Session, *, pathway: Pathway, helper: Actor | None) -> bool:
    """« Je suis d’accord »; with a professional beside, said aloud and heard by them.

    False when the pathway no longer stands: nothing is agreed, and somebody calls.
    """
    channel = AgreementChannel.MEETING if helper else AgreementChannel.PORTAL
    try:
        with session.begin_nested():
            moves.accept(
                session,
                helper,
                pathway=pathway,
                channel=channel,
                on=clock.today(),
                words="Je suis d’accord.",
            )
    except moves.NoLongerStandsError:
        ask_change(session, pathway=pathway, reason=None, note="Le parcours ne tient plus.")
        return False
    return True


def ask_change(
    session: Session, *, pathway: Pathway, reason: str | None, note: str | None = None
) -> CallRequest | None:
    """« Je veux changer »: a human calls; the pathway itself does not move."""
    return record_call(
        session,
        reason=CallReason.CHANGE_PATHWAY,
        due_on=working_days_after(clock.today(), _CALL_WITHIN),
        person=pathway.person,
        subject=pathway,
        note=note or _NOTES.get(reason or ""),
    )
