"""What is written: pure functions, each one SMS at most, in plain words.

The SMS are written without the letters that an SMS has not (« reponse », not « réponse », would
read the same: :mod:`portal.messages.gsm7` folds what it must). To a person: who writes, one idea,
how to answer, how to stop.
"""

from __future__ import annotations

from datetime import date, datetime

from portal import clock
from portal.message_settings import LINK_LENGTH
from portal.messages import gsm7
from portal.messages.outbox import Text

#: Who writes to a person, always in the same words.
WHO = "Votre conseiller (Departement)"
_REPLY = "Repondez 1 OUI 2 NON 3 RAPPELEZ-MOI, STOP"
_CALL_OR_STOP = "3 RAPPELEZ-MOI, STOP"
_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet",
    "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def day_text(day: date) -> str:
    """« jeudi 12 mars », as one says it."""
    number = "1er" if day.day == 1 else str(day.day)
    return f"{_DAYS[day.weekday()]} {number} {_MONTHS[day.month - 1]}"


def moment_text(instant: datetime) -> str:
    """« jeudi 12 mars à 14h », in Paris."""
    here = instant.astimezone(clock.PARIS)
    minutes = f"{here.minute:02d}" if here.minute else ""
    return f"{day_text(here.date())} à {here.hour}h{minutes}"


def candidates(title: str) -> Text:
    """To an employer: people are presented for an offer."""
    return Text(
        sms=_fit("Bonjour. Pour votre offre ({name}), des personnes à rencontrer : {link}", title),
        title="Des personnes pour votre offre",
        mail=(
            f"Bonjour,\n\nPour votre offre « {title} », nous vous proposons de rencontrer des"
            " personnes. Pour voir ce qu’elles savent faire et répondre en deux minutes :\n{link}"
            "\n\nCe lien est à votre nom : ne le transmettez pas."
        ),
        to_say=(
            f"Des personnes sont proposées pour l’offre « {title} ». Les présenter, et demander :"
            " les rencontrer, les essayer deux semaines, ou pas maintenant."
        ),
    )


def agreement(title: str) -> Text:
    """To a person: may this firm see who you are?"""
    shared = "L’entreprise verra votre prénom et ce que vous savez faire."
    return Text(
        sms=_fit(f"{WHO} : {{name}}. {shared} {_REPLY}", title),
        title="Une entreprise peut vous rencontrer",
        mail=(
            f"Bonjour,\n\nVotre conseiller vous propose un travail : {title}.\n{shared}\n\n"
            "Êtes-vous d’accord ? Dites-le à votre conseiller : il attend votre réponse."
        ),
        to_say=f"Un travail : {title}. {shared} Demander : oui, non, ou à réfléchir.",
    )


def seat_held(title: str, until: datetime) -> Text:
    """To a person: a seat is kept 48 hours (T-ENR-04)."""
    moment = moment_text(until)
    return Text(
        sms=_fit(
            f"{WHO} : une place est gardée pour vous jusqu’au {moment} : {{name}}."
            f" Il vous appelle. {_CALL_OR_STOP}",
            title,
        ),
        title="Une place est gardée pour vous",
        mail=(
            f"Bonjour,\n\nUne place s’est libérée : {title}.\nElle est gardée pour vous jusqu’au"
            f" {moment}.\nVotre conseiller vous appelle. Vous pouvez aussi l’appeler."
        ),
        to_say=f"Une place est gardée jusqu’au {moment} : {title}. Demander : oui ou non.",
    )


def pathway_accepted(on: date) -> Text:
    """To a person: what they accepted aloud is written (T-PAT-03)."""
    return Text(
        sms=f"{WHO} a noté votre accord du {on:%d/%m}. Vos étapes : {{link}} {_CALL_OR_STOP}",
        title="Vos prochaines étapes",
        mail=(
            f"Bonjour,\n\nLe {day_text(on)}, vous avez dit oui à votre parcours.\nVos étapes sont"
            " ici :\n{link}\n\nVous pouvez changer d’avis. Dites-le à votre conseiller."
        ),
        to_say=f"Rappeler l’accord donné le {day_text(on)}, puis relire les étapes ensemble.",
    )


def assessment_due(first_name: str) -> Text:
    """To the firm that received somebody: how did it go?"""
    return Text(
        sms=_fit(
            "Bonjour. L’immersion de {name} est finie. Dites en deux minutes comment elle s’est"
            " passée : {link}",
            first_name,
        ),
        title="Comment s’est passée l’immersion ?",
        mail=(
            f"Bonjour,\n\nL’immersion de {first_name} dans votre entreprise est finie. Dites-nous"
            " en deux minutes comment elle s’est passée :\n{link}"
        ),
        to_say=f"Demander comment s’est passée l’immersion de {first_name}, et noter le bilan.",
    )


def follow_up_due(first_name: str) -> Text:
    """To an employer: four questions about somebody they hired."""
    return Text(
        sms=_fit(
            "Bonjour. Comment se passe le travail de {name} chez vous ? Quatre questions, deux"
            " minutes : {link}",
            first_name,
        ),
        title="Comment se passe l’embauche ?",
        mail=(
            f"Bonjour,\n\nComment se passe le travail de {first_name} chez vous ? Quatre questions,"
            " deux minutes :\n{link}\n\nEn cas de difficulté, nous vous appelons."
        ),
        to_say=f"Demander comment se passe l’embauche de {first_name}, et noter les nouvelles.",
    )


def _fit(text: str, name: str) -> str:
    """The SMS with a name from data, shortened to the room that the rest leaves."""
    fixed = gsm7.to_gsm7(text.replace("{name}", "").replace("{link}", "L" * LINK_LENGTH))
    return text.replace("{name}", gsm7.shorten(name, gsm7.LONGEST - gsm7.length(fixed)))
