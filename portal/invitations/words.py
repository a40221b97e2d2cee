"""What invitations and reminders say, in plain words and in letters every phone shows.

Texts are ASCII (any telephone, one message of 160 signs) and are made outside of requests too:
nothing here asks for the language of a page. Each text is a list of wordings from the fullest
to the shortest; the first that fits, its link included, is the one that is sent.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from babel.dates import format_date

from portal import clock
from portal.invitations.rules import has_hour
from portal.messages.outbox import Text, link_length
from portal.models import Invitation, InvitationKind, Organisation, OrganisationKind
from portal.web.filters import clock_time

LONGEST = 160
_NEAR_DAYS = 20
_DEPARTEMENT = frozenset(
    {OrganisationKind.DEPARTEMENT, OrganisationKind.MDS, OrganisationKind.PLATFORM}
)
_ASK = "Repondez 1 OUI 2 NON 3 RAPPELEZ-MOI."


def plain(text: str) -> str:
    """The text without accents nor typographic signs: « Département » → « Departement »."""
    for sign, simple in (
        ("’", "'"),
        ("œ", "oe"),
        ("Œ", "Oe"),
        ("«", '"'),
        ("»", '"'),
        ("…", "..."),
    ):
        text = text.replace(sign, simple)
    decomposed = unicodedata.normalize("NFKD", text)
    return " ".join(decomposed.encode("ascii", "ignore").decode().split())


def day_words(instant: datetime, today: date) -> str:
    """« jeudi 12 », « jeudi 1er »; with its month when the day is far: « jeudi 12 mars »."""
    day = instant.astimezone(clock.PARIS).date()
    far = abs((day - today).days) > _NEAR_DAYS
    text = format_date(day, "EEEE d MMMM" if far else "EEEE d", locale="fr")
    return text.replace(" 1", " 1er", 1) if day.day == 1 else text


def moment_words(instant: datetime, today: date) -> str:
    """« jeudi 12 à 14 h », « jeudi 12 » when no hour is known."""
    day = day_words(instant, today)
    return f"{day} à {clock_time(instant)}" if has_hour(instant) else day


def place_words(invitation: Invitation) -> str:
    """« Mairie, Arras », « Arras », or nothing when nobody said where."""
    commune = invitation.commune.name if invitation.commune else None
    if commune and commune in (invitation.place or ""):
        commune = None
    return ", ".join(part for part in (invitation.place, commune) if part)


def sender_words(organisation: Organisation) -> str:
    """Who invites: « votre conseiller (Département) », « Hub BTP »."""
    if organisation.kind in _DEPARTEMENT:
        return "votre conseiller (Département)"
    if organisation.kind is OrganisationKind.HUB:
        return organisation.name[:40]
    return f"votre conseiller ({organisation.name[:30]})"


def invitation_text(invitation: Invitation, today: date) -> Text:
    """The invitation: what, which day, and how to answer (domain reference §3.4, step 1)."""
    if invitation.kind in _AGREED:
        return _agreed_text(invitation, today)
    sender, title = sender_words(invitation.organisation), invitation.title
    day = day_words(invitation.starts_at, today)
    what = f"{title} le {day}."
    who = sender[:1].upper() + sender[1:]
    return Text(
        sms=_first_that_fits(
            [
                f"Bonjour, {sender} vous propose {what} {_ASK} Ou appuyez: {{link}}",
                f"{who} vous propose {what} {_ASK} Ou: {{link}}",
                f"{who} vous propose {what} 1 OUI 2 NON 3 RAPPELEZ-MOI {{link}}",
                f"{who}: {what} 1 OUI 2 NON 3 RAPPELEZ-MOI {{link}}",
                f"{title} le {day}. 1 OUI 2 NON 3 RAPPELEZ-MOI {{link}}",
                f"Bonjour, {sender} vous propose {what} {_ASK}",
                f"{title} le {day}. {_ASK}",
            ]
        ),
        title=f"On vous propose {title}",
        mail=_mail(f"Bonjour,\n\n{who} vous propose {title}.", invitation, "Répondre : {link}"),
        to_say=f"{who} vous propose {title}, le {_where_and_when(invitation, today)}."
        " Voulez-vous venir ?",
    )


_AGREED = frozenset({InvitationKind.IMMERSION, InvitationKind.TRAINING, InvitationKind.JOB})


def _agreed_text(invitation: Invitation, today: date) -> Text:
    """A first day, already agreed on: it is announced, not proposed."""
    when = moment_words(invitation.starts_at, today)
    title = invitation.title[:1].upper() + invitation.title[1:]
    where = place_words(invitation)
    return Text(
        sms=_first_that_fits(
            [
                f"Bonjour, {invitation.title}: {when}, {where}. {_ASK} Ou appuyez: {{link}}",
                f"{title}: {when}, {where}. 1 OUI 2 NON 3 RAPPELEZ-MOI {{link}}",
                f"{title}: {when}. 1 OUI 2 NON 3 RAPPELEZ-MOI {{link}}",
                f"{title}: {when}, {where}. {_ASK}",
                f"{title}: {when}. {_ASK}",
            ]
        ),
        title=title,
        mail=_mail(f"Bonjour,\n\n{title}.", invitation, "Répondre : {link}"),
        to_say=f"{title} : {_where_and_when(invitation, today)}. Pouvez-vous venir ?",
    )


def reminder_text(invitation: Invitation, today: date, travel: str = "") -> Text:
    """« Rappel »: what, when, where, how long to go there, and a link to say that one cannot."""
    when, where = moment_words(invitation.starts_at, today), place_words(invitation)
    what = invitation.title
    with_travel = f" {travel}." if travel else ""
    return Text(
        sms=_first_that_fits(
            [
                f"Rappel: {what}, {when}, {where}.{with_travel} Un souci ? {{link}}",
                f"Rappel: {what}, {when}, {where}. Un souci ? {{link}}",
                f"Rappel: {what}, {when}, {where}.{with_travel} Un souci ? Repondez 3.",
                f"Rappel: {what}, {when}. Un souci ? Repondez 3.",
                f"Rappel: {when}. Un souci ? Repondez 3.",
            ]
        ),
        title=f"Rappel : {what}",
        mail=_mail(f"Bonjour,\n\nRappel : {what}.", invitation, "Vous avez un souci ? {link}"),
        to_say=f"Rappel : {what}, le {_where_and_when(invitation, today)}.{with_travel}",
    )


def moved_text(invitation: Invitation, today: date) -> Text:
    """The person chose another moment."""
    when, where = moment_words(invitation.starts_at, today), place_words(invitation)
    return Text(
        sms=_first_that_fits(
            [
                f"C'est note: {invitation.title}, {when}, {where}.",
                f"C'est note: {invitation.title}, {when}.",
                f"C'est note: {when}.",
            ]
        ),
        title="Votre rendez-vous",
        mail=_mail(f"Bonjour,\n\nC’est noté : {invitation.title}.", invitation, ""),
        to_say=f"C’est noté : {invitation.title}, le {_where_and_when(invitation, today)}.",
    )


def cancelled_text(invitation: Invitation, today: date) -> Text:
    """The meeting does not take place: nobody must travel for nothing."""
    sentence = f"{invitation.title} le {day_words(invitation.starts_at, today)}"
    return Text(
        sms=_first_that_fits(
            [
                f"Bonjour, annule: {sentence}. Ne venez pas. Votre conseiller vous rappelle.",
                f"Annule: {day_words(invitation.starts_at, today)}. Ne venez pas.",
            ]
        ),
        title="Rendez-vous annulé",
        mail=f"Bonjour,\n\nAnnulé : {sentence}. Ne venez pas. Votre conseiller vous rappelle.",
        to_say=f"Annulé : {sentence}. Ne venez pas.",
    )


def feeling_text() -> Text:
    """The evening of a first day."""
    return Text(
        sms=_first_that_fits(
            [
                "Bonjour, votre premier jour: tout s'est bien passe ? Dites-le ici: {link}",
                "Votre premier jour s'est bien passe ? {link}",
                "Votre premier jour s'est mal passe ? Repondez 3, on vous rappelle.",
            ]
        ),
        title="Tout s’est bien passé ?",
        mail="Bonjour,\n\nVotre premier jour : tout s’est bien passé ?\n\nDites-le ici : {link}",
        to_say="Votre premier jour : tout s’est bien passé ?",
    )


def length_of(sms: str) -> int:
    """How many signs a text has once its link is written."""
    return len(sms.replace("{link}", "x" * link_length()))


def _first_that_fits(wordings: Sequence[str]) -> str:
    texts = [plain(text).replace(", .", ".") for text in wordings]
    fitting = [text for text in texts if length_of(text) <= LONGEST]
    return fitting[0] if fitting else texts[-1][:LONGEST]


def _where_and_when(invitation: Invitation, today: date) -> str:
    where = place_words(invitation)
    when = moment_words(invitation.starts_at, today)
    return f"{when}, {where}" if where else when


def _mail(opening: str, invitation: Invitation, closing: str) -> str:
    day = invitation.starts_at.astimezone(clock.PARIS).date()
    when = str(format_date(day, "EEEE d MMMM y", locale="fr"))
    if has_hour(invitation.starts_at):
        when += f" à {clock_time(invitation.starts_at)}"
    lines = [opening, f"Quand : {when}", f"Où : {place_words(invitation) or 'à préciser'}", closing]
    return "\n\n".join(line for line in lines if line)
