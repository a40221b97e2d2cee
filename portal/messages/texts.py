"""What is written: pure functions, each one SMS at most, in plain words.

The SMS are written without the letters that an SMS has not (« reponse », not « réponse », would
read the same: :mod:`portal.messages.gsm7` folds what it must). To a person: who writes, one idea,
how to answer, how to stop; in the language of their space, except what somebody says aloud.
"""

from __future__ import annotations

from datetime import date, datetime

from portal import clock
from portal.message_settings import LINK_LENGTH
from portal.messages import gsm7
from portal.messages.facts import LINK_MARK
from portal.messages.outbox import Text
from portal.messages.tongues import FRENCH, Tongue
from portal.text import capital, small


def day_text(day: date) -> str:
    """« jeudi 12 mars », as one says it."""
    return FRENCH.day(day)


def moment_text(instant: datetime) -> str:
    """« jeudi 12 mars à 14 h », in Paris."""
    day = day_text(instant.astimezone(clock.PARIS).date())
    return f"{day} à {FRENCH.hour(instant)}"


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


def agreement(title: str, _: Tongue = FRENCH) -> Text:
    """To a person: may this firm see who you are?"""
    shared = _("L’entreprise verra votre prénom et ce que vous savez faire.")
    offered = _("Votre conseiller vous propose un travail\u00a0: %(title)s.", title=title)
    agreed = _("Êtes-vous d’accord\u00a0?")
    said = "L’entreprise verra votre prénom et ce que vous savez faire."
    return Text(
        sms=_fit(f"{_who(_)}{_.colon}{{name}}. {shared} {_reply(_)}", title, _),
        title=_("Une entreprise peut vous rencontrer"),
        mail=(f"{_hello(_)}\n\n{offered}\n{shared}\n\n{agreed} {_tell_adviser(_)}"),
        to_say=f"Un travail : {title}. {said} Demander : oui, non, ou à réfléchir.",
    )


def seat_held(title: str, until: datetime, _: Tongue = FRENCH) -> Text:
    """To a person: a seat is kept 48 hours (T-ENR-04)."""
    here = until.astimezone(clock.PARIS)
    moment = _("%(day)s à %(hour)s", day=_.day(here.date()), hour=_.hour(until))
    kept = _("Une place est gardée pour vous\u00a0: %(name)s.", name="{name}")
    last = _("Jusqu’au %(moment)s.", moment=moment)
    calls, call = _("Votre conseiller vous appelle."), _("Vous pouvez aussi l’appeler.")
    return Text(
        sms=_fit(f"{kept} {last} {calls} {_call_or_stop(_)}", title, _),
        title=_("Une place est gardée pour vous"),
        mail="\n".join(
            (
                f"{_hello(_)}\n",
                kept.replace("{name}", title),
                last,
                f"{calls} {call}",
            )
        ),
        to_say=f"Une place est gardée jusqu’au {moment_text(until)} : {title}."
        " Demander : oui ou non.",
    )


def pathway_accepted(on: date, _: Tongue = FRENCH) -> Text:
    """To a person: what they accepted aloud is written (T-PAT-03)."""
    noted = _("Votre accord du %(day)s est noté.", day=f"{on:%d/%m}")
    agreed, brief = small(noted), capital(_("votre conseiller"))
    change, stop = _("Vous pouvez changer d’avis."), _call_or_stop(_)
    steps = _("Vos étapes\u00a0: %(link)s", link=LINK_MARK)
    return Text(
        sms=_first_that_fits(
            f"{_who(_)}{_.colon}{agreed} {steps} {stop}",
            f"{brief}{_.colon}{agreed} {steps} {stop}",
            f"{brief}{_.colon}{small(steps)} {stop}",
        ),
        title=_("Vos prochaines étapes"),
        mail="\n".join(
            (
                f"{_hello(_)}\n",
                _("Le %(day)s, vous avez dit oui à votre parcours.", day=_.day(on)),
                f"{steps}\n",
                f"{change} {_tell_adviser(_)}",
            )
        ),
        to_say=f"Rappeler l’accord donné le {day_text(on)}, puis relire les étapes ensemble.",
    )


def answered(_: Tongue = FRENCH) -> Text:
    """To a person: their question has an answer; never what they asked, others read a phone."""
    there, read = _("Vous avez une réponse à votre question."), _read_it(_)
    told, brief = f"{small(there)} {read}", capital(_("votre conseiller"))
    return Text(
        sms=_first_that_fits(f"{_who(_)}{_.colon}{told}", f"{brief}{_.colon}{told}"),
        title=_("Vous avez une réponse"),
        mail=f"{_hello(_)}\n\n{there}\n\n{read}\n",
        to_say="Vous avez posé une question. Voici la réponse, à lire ensemble.",
    )


def _hello(_: Tongue) -> str:
    return _("Bonjour,")


def _tell_adviser(_: Tongue) -> str:
    return _("Dites-le à votre conseiller.")


def _read_it(_: Tongue) -> str:
    return _("Pour la lire\u00a0: %(link)s", link=LINK_MARK)


def _who(_: Tongue) -> str:
    """Who writes to a person, always in the same words."""
    return capital(_("votre conseiller (%(name)s)", name="Departement"))


def _reply(_: Tongue) -> str:
    return _("Répondez %(answers)s, STOP", answers=_("1 OUI 2 NON 3 RAPPELEZ-MOI"))


def _call_or_stop(_: Tongue) -> str:
    return _("3 RAPPELEZ-MOI, STOP")


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


def _first_that_fits(*wordings: str) -> str:
    return next((text for text in wordings if not gsm7.check(text)), wordings[-1])


def _fit(text: str, name: str, _: Tongue = FRENCH) -> str:
    """The SMS with a name from data, shortened to the room that the rest leaves."""
    rest = text.replace("{name}", "").replace(LINK_MARK, "L" * LINK_LENGTH)
    if _.has_other_writing:
        room = gsm7.LONGEST_UCS2 - len(rest)
    else:
        room = gsm7.LONGEST - gsm7.length(gsm7.to_gsm7(rest))
    # A shortened name ends with its own stops.
    return text.replace("{name}", gsm7.shorten(name, room)).replace("....", "...")
