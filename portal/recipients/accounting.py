"""« Comment ce classement est fait »: the whole account of one pair (T-XPL-03).

What article R311-3-1-2 of the code des relations entre le public et l’administration asks: the
degree and mode of contribution of the computation, the data and their sources, the parameters
and their order, the operations. One structure for the page, the JSON and the frozen copy.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from portal import matchmaking as mm
from portal.matchmaking.rules_text import rule_numbers
from portal.models import RequirementKind
from portal.recipients.saying import sentences_of
from portal.text import N_

_OUTCOMES = {
    mm.Outcome.MET: N_("oui"),
    mm.Outcome.BACKED: N_("à demander"),
    mm.Outcome.UNKNOWN: N_("à demander"),
    mm.Outcome.GAP: N_("pas encore"),
}
_KINDS = {
    RequirementKind.REGULATORY: N_("la loi le demande"),
    RequirementKind.DAY_ONE: N_("dès le premier jour"),
    RequirementKind.TRAINING_PLANNED: N_("une formation est prévue"),
    RequirementKind.ON_THE_JOB: N_("s’apprend au travail"),
    RequirementKind.DESIRED: N_("un plus"),
}
_GROUPS = {
    "ready": N_("Vous pouvez commencer."),
    "one_step": N_("Une étape vous sépare de cet emploi."),
    "to_check": N_("Nous avons des questions à vous poser."),
    "longer_path": N_("Le chemin est plus long."),
    "gap": N_("Nous ne connaissons pas encore de chemin."),
}
_DEGREE = (
    N_("Le calcul propose une liste."),
    N_("Une personne lit cette liste et décide."),
    N_("Le calcul ne refuse personne."),
    N_("Votre réponse compte plus que le calcul."),
)
_PARAMETERS = (
    N_("Le trajet\u00a0: si c’est trop loin, l’emploi sort de la liste."),
    N_("Ce que l’emploi demande le premier jour."),
    N_("Le groupe\u00a0: prêt, une étape, à demander, chemin plus long."),
    N_("Votre goût pour ce métier."),
    N_("La semaine où vous pouvez commencer."),
    N_("Le nombre de réponses que nous n’avons pas."),
    N_("Le nombre de choses à apprendre."),
    N_("Ce que l’entreprise souhaite en plus."),
    N_("La durée du trajet."),
    N_("Une règle fixe départage les emplois à égalité."),
)
_NEVER = (
    N_("Votre âge, votre nom et votre origine ne comptent jamais."),
    N_("Votre santé et votre famille ne comptent jamais."),
    N_("Les aides que vous recevez ne comptent jamais."),
)


def account_of(explanation: mm.ExplanationView) -> dict[str, Any]:
    """The account as plain values, ready for JSON: frozen with a contestation, or exported."""
    offer = explanation.offer
    return {
        "offer": offer.title or (offer.occupation.label if offer.occupation else ""),
        "computed_on": explanation.computed_on.isoformat(),
        "rules": {"version": mm.ENGINE_VERSION, "since": mm.ENGINE_DATE.isoformat()},
        "sentences": [
            {"text": sentence.text, "item": sentence.item} for sentence in sentences_of(explanation)
        ],
        "degree": [_said(text) for text in _DEGREE],
        "data": [_datum(row) for row in explanation.requirements],
        "trip": _trip(explanation),
        "parameters": [_said(text) for text in _PARAMETERS],
        "operations": _operations(explanation),
        "never": [_said(text) for text in _NEVER],
    }


def _said(text: str) -> str:
    return str(_(text))


def _datum(row: mm.RequirementView) -> dict[str, Any]:
    """A requirement, what is known, from whom, and whether it counts for the group."""
    return {
        "asked": row.label,
        "when": _said(_KINDS[row.kind]),
        "decides": row.decides,
        "known": _said(_OUTCOMES[row.outcome]),
        "source": row.fact,
        "near": list(row.backed_by),
        "sessions": [
            {
                "title": choice.row.action.program.title,
                "place": choice.row.commune.name if choice.row.commune else None,
                "start": choice.row.start.isoformat(),
                "end": choice.row.end.isoformat(),
                "obstacles": list(choice.obstacles),
                "in_time": choice.in_time,
            }
            for choice in row.sessions
        ],
    }


def _trip(explanation: mm.ExplanationView) -> dict[str, Any]:
    numbers = rule_numbers()
    return {
        "in_reach": explanation.in_reach,
        "minutes": round(explanation.minutes) if explanation.in_reach else None,
        "mode": explanation.mode if explanation.in_reach else None,
        "detour_percent": numbers.detour_percent,
    }


def _operations(explanation: mm.ExplanationView) -> list[str]:
    """What was done, in order, with this pair's own numbers."""
    deciding = [row for row in explanation.requirements if row.decides]
    counts = dict.fromkeys(mm.Outcome, 0)
    for row in deciding:
        counts[row.outcome] += 1
    group = explanation.group
    return [
        _("Le calcul compare ce que l’emploi demande et ce que nous savons."),
        _("Demandé le premier jour\u00a0: %(num)d.", num=len(deciding)),
        _("Vous savez faire\u00a0: %(num)d.", num=counts[mm.Outcome.MET]),
        _(
            "À vous demander\u00a0: %(num)d.",
            num=counts[mm.Outcome.UNKNOWN] + counts[mm.Outcome.BACKED],
        ),
        _("À apprendre\u00a0: %(num)d.", num=counts[mm.Outcome.GAP]),
        _said(_GROUPS[group])
        if group
        else _("Le lieu est trop loin avec vos moyens de transport."),
    ]
