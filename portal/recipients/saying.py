"""« Pourquoi moi ? » in at most three short sentences (T-XPL-01).

They come from the explanation of the list itself. A sentence has at most twelve words; what may
be long (the name of a skill, of a town) stands beside it, never inside.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

from portal.matchmaking import ExplanationView, Outcome, RequirementView, SessionChoice
from portal.recipients.saying_dates import day

MOST_SENTENCES = 3
MOST_WORDS = 12
# As everywhere in the space (portal/recipients/trips.py).
_ROUNDED_TO = 5
_NOT_KNOWN = (Outcome.UNKNOWN, Outcome.BACKED)


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence, and what it is about: a skill or a place, which stays in French."""

    text: str
    item: str | None = None


def sentences_of(explanation: ExplanationView) -> list[Sentence]:
    """What counts that you can do, what is missing or to be asked, where and when to learn it."""
    deciding = [row for row in explanation.requirements if row.decides]
    gaps = [row for row in deciding if row.outcome is Outcome.GAP]
    asked = [row for row in deciding if row.outcome in _NOT_KNOWN]
    said = [
        _can_do(deciding),
        _gaps(gaps) if gaps else _to_ask(asked) if asked else None,
        _where_to_learn(gaps) if gaps else _trip(explanation),
    ]
    return [sentence for sentence in said if sentence is not None]


def _can_do(deciding: Sequence[RequirementView]) -> Sentence | None:
    """None when all is still to be asked: the questions say it, and what one told is not denied."""
    met = [row for row in deciding if row.outcome is Outcome.MET]
    if not deciding:
        return Sentence(_("Cet emploi ne demande rien le premier jour."))
    if len(met) == len(deciding):
        return Sentence(_("Vous savez déjà faire ce que l’emploi demande."), _label(met))
    if met:
        return Sentence(_("Vous savez déjà faire une partie de cet emploi."), _label(met))
    if any(row.outcome is Outcome.GAP for row in deciding):
        return Sentence(_("Cet emploi demande des choses nouvelles pour vous."))
    return None


def _gaps(gaps: Sequence[RequirementView]) -> Sentence:
    text = ngettext(
        "Il reste %(num)d chose à apprendre.", "Il reste %(num)d choses à apprendre.", len(gaps)
    )
    return Sentence(text, _label(gaps))


def _to_ask(asked: Sequence[RequirementView]) -> Sentence:
    text = ngettext(
        "Nous avons encore %(num)d question à vous poser.",
        "Nous avons encore %(num)d questions à vous poser.",
        len(asked),
    )
    return Sentence(text, _label(asked))


def _where_to_learn(gaps: Sequence[RequirementView]) -> Sentence:
    choice = first_session(gaps)
    if choice is None:
        return Sentence(_("Votre conseiller cherche où l’apprendre."))
    place = choice.row.commune.name if choice.row.commune else None
    return Sentence(
        _("Une formation commence le %(day)s.", day=day(choice.row.start)),
        place,
    )


def _trip(explanation: ExplanationView) -> Sentence:
    if not explanation.in_reach:
        return Sentence(_("Le trajet reste à voir avec votre conseiller."))
    minutes = max(_ROUNDED_TO, round(explanation.minutes / _ROUNDED_TO) * _ROUNDED_TO)
    return Sentence(
        ngettext(
            "Le trajet dure environ %(num)d minute.",
            "Le trajet dure environ %(num)d minutes.",
            minutes,
        )
    )


def first_session(gaps: Sequence[RequirementView]) -> SessionChoice | None:
    """The first session the person can join in time, among those that teach what is missing."""
    choices = [choice for row in gaps for choice in row.sessions if choice.open and choice.in_time]
    return min(choices, key=lambda choice: choice.row.start, default=None)


def _label(rows: Sequence[RequirementView]) -> str | None:
    return rows[0].label if rows else None
