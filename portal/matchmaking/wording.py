"""The engine's reasons, in French."""

from __future__ import annotations

from flask_babel import gettext as _

from matching.pathways import BlockReason, Problem, ProblemKind
from portal.text import N_
from portal.web.filters import date_short

_BLOCKERS = {
    BlockReason.JOB_OUT_OF_REACH: N_(
        "Le lieu de travail est trop loin avec ses moyens de transport."
    ),
    BlockReason.PERSON_TOO_LATE: N_("La personne est disponible après la dernière date possible."),
    BlockReason.NO_SESSION: N_("Aucune session connue ne l’apprend."),
    BlockReason.FULL: N_("Les sessions qui l’apprennent n’ont plus de place."),
    BlockReason.OUT_OF_REACH: N_(
        "Les sessions qui l’apprennent sont trop loin avec ses moyens de transport."
    ),
    BlockReason.STARTS_TOO_SOON: N_("Les sessions qui l’apprennent commencent trop tôt."),
    BlockReason.ENDS_TOO_LATE: N_("Les sessions qui l’apprennent finissent trop tard."),
    BlockReason.PREREQUISITE: N_("Les sessions qui l’apprennent ont un prérequis qui manque."),
    BlockReason.DO_NOT_FIT_TOGETHER: N_("Les sessions utiles se chevauchent."),
}
_PROBLEMS = {
    ProblemKind.TOO_MANY_STEPS: N_("Un parcours a six étapes au plus."),
    ProblemKind.NO_HIRE: N_("Il manque l’embauche."),
    ProblemKind.HIRE_NOT_LAST: N_("L’embauche est la dernière étape."),
    ProblemKind.UNKNOWN_SESSION: N_("Cette session n’existe plus au catalogue."),
    ProblemKind.OTHER_DATES: N_("Les dates ne sont pas celles de la session."),
    ProblemKind.ENDS_BEFORE_START: N_("La fin est avant le début."),
    ProblemKind.OVERLAP: N_("Cette étape chevauche la précédente."),
    ProblemKind.OUT_OF_ORDER: N_("Cette étape commence avant la précédente."),
    ProblemKind.BEFORE_ALLOWED: N_("Cette étape commence trop tôt"),
    ProblemKind.OUT_OF_HORIZON: N_("Cette étape est à plus de douze mois."),
    ProblemKind.TOO_LATE_FOR_OFFER: N_("L’embauche viendrait trop tard pour l’offre"),
    ProblemKind.FULL: N_("Cette session n’a plus de place."),
    ProblemKind.OUT_OF_REACH: N_(
        "Le lieu est trop loin avec les moyens de transport de la personne."
    ),
    ProblemKind.KNOWN_GAP: N_("Il manque encore, au début de cette étape"),
    ProblemKind.IMMERSION_TOO_LONG: N_("Une immersion dure un mois au plus, de date à date."),
}


def blocker_text(reason: BlockReason) -> str:
    """Why nothing reaches the goal."""
    return str(_(_BLOCKERS[reason]))


def problem_text(problem: Problem, need: str | None) -> str:
    """What an edited pathway breaks; names what is missing, or the date that bounds it."""
    text = str(_(_PROBLEMS[problem.kind]))
    if need is not None:
        return f"{text}\u00a0: {need}."
    if problem.limit is not None and not text.endswith("."):
        return f"{text}\u00a0: {date_short(problem.limit)}."
    return text if text.endswith(".") else f"{text}."
