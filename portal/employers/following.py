"""The four questions asked of an employer after a hire, and what they come to. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext as _

from portal.models import FollowUpResult
from portal.text import N_

QUESTIONS = {
    "on_time": N_("Vient à l’heure"),
    "work": N_("Fait le travail demandé"),
    "team": N_("S’entend avec l’équipe"),
    "goes_on": N_("Vous continuez ensemble"),
}
YES, SOMETIMES, NO = "yes", "sometimes", "no"
ANSWERS = {YES: N_("oui"), SOMETIMES: N_("pas toujours"), NO: N_("non")}


def result_of(answers: Mapping[str, str], *, gone: bool) -> FollowUpResult:
    """The worst answer decides: one « non » is a difficulty, which the structure deals with."""
    if gone:
        return FollowUpResult.GONE
    said = set(answers.values())
    if NO in said:
        return FollowUpResult.BAD
    return FollowUpResult.MIXED if SOMETIMES in said else FollowUpResult.GOOD


def tells_of_lateness(answers: Mapping[str, str]) -> bool:
    """Whether somebody has to call both sides about the hours."""
    return answers.get("on_time") in (SOMETIMES, NO)


def note_of(answers: Mapping[str, str]) -> str:
    """The answers in a sentence, for who follows the hire."""
    said = [f"{_(QUESTIONS[name])}\u00a0: {_(ANSWERS[answers[name]])}." for name in answers]
    return " ".join(said)
