"""What invitations and reminders say, in plain words and in letters every phone shows.

To a person in the language of their space; what somebody says on the phone (``to_say``), in
French. In French and English the SMS are ASCII (any telephone, one message of 160 signs); the
other writings take two parts (:mod:`portal.messages.gsm7`). Each SMS is a list of wordings from the
fullest to the shortest; the first that fits, its link included, is the one that is sent. All of
them say who writes. A word stands between a day and the digits to answer with, « 12. 1 OUI » reads
as a number; where one reads from the right, letters of that writing stand before each digit, else
a telephone that lays the line out from the left puts « 1 » beside the last answer.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from datetime import date, datetime

from portal import clock
from portal.invitations.rules import has_hour
from portal.messages import gsm7
from portal.messages.facts import LINK_MARK
from portal.messages.outbox import Text, link_length
from portal.messages.tongues import FRENCH, Tongue, tongue_of
from portal.models import Invitation, InvitationKind, Organisation, OrganisationKind
from portal.text import N_, capital

_NEAR_DAYS = 20
_DEPARTEMENT = frozenset(
    {OrganisationKind.DEPARTEMENT, OrganisationKind.MDS, OrganisationKind.PLATFORM}
)
_K = InvitationKind
_AGREED = frozenset({_K.IMMERSION, _K.TRAINING, _K.JOB})
#: A title is typed in French: in another language one says what kind of thing it is.
_KINDS: dict[InvitationKind, str] = {
    _K.APPOINTMENT: N_("un rendez-vous"),
    _K.VISIT: N_("une visite"),
    _K.INFORMATION: N_("une réunion d’information"),
    _K.EMPLOYER_MEETING: N_("une rencontre avec un employeur"),
    _K.IMMERSION: N_("votre premier jour d’immersion"),
    _K.TRAINING: N_("votre premier jour de formation"),
    _K.JOB: N_("votre premier jour de travail"),
}
#: Places that the name of a hub takes where there is little room.
_SHORT_NAME = 20
_FREE_TITLES = frozenset({_K.APPOINTMENT, _K.VISIT})


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


def day_words(instant: datetime, today: date, _: Tongue = FRENCH) -> str:
    """« jeudi 12 », « jeudi 1er »; with its month when the day is far: « jeudi 12 mars »."""
    day = instant.astimezone(clock.PARIS).date()
    far = abs((day - today).days) > _NEAR_DAYS
    return _.day(day, "d MMMM" if far else "d")


def moment_words(instant: datetime, today: date, _: Tongue = FRENCH) -> str:
    """« jeudi 12 à 14 h », « jeudi 12 » when no hour is known."""
    day = day_words(instant, today, _)
    if not has_hour(instant):
        return day
    return _("%(day)s à %(hour)s", day=day, hour=_.hour(instant))


def place_words(invitation: Invitation) -> str:
    """« Mairie, Arras », « Arras », or nothing when nobody said where."""
    commune = invitation.commune.name if invitation.commune else None
    if commune and commune in (invitation.place or ""):
        commune = None
    return ", ".join(part for part in (invitation.place, commune) if part)


def sender_words(organisation: Organisation, _: Tongue = FRENCH) -> str:
    """Who invites: « votre conseiller (Département) », « Hub BTP »."""
    if organisation.kind is OrganisationKind.HUB:
        return organisation.name[:40]
    of_departement = organisation.kind in _DEPARTEMENT
    name = "Département" if of_departement else organisation.name[:30]
    return _("votre conseiller (%(name)s)", name=name)


def _senders(organisation: Organisation, _: Tongue) -> tuple[str, str]:
    """Who writes, in full and in few signs."""
    if organisation.kind is OrganisationKind.HUB:
        return sender_words(organisation, _), gsm7.shorten(organisation.name, _SHORT_NAME)
    return sender_words(organisation, _), _("votre conseiller")


def title_words(invitation: Invitation, _: Tongue) -> str:
    """What is proposed, as it was typed in French, by its kind elsewhere."""
    return invitation.title if _.is_french else _(_KINDS[invitation.kind])


def has_free_title(invitation: Invitation) -> bool:
    """Whether a professional typed what it is, beyond its kind."""
    return invitation.kind in _FREE_TITLES


def invitation_text(invitation: Invitation, today: date, tongue: Tongue | None = None) -> Text:
    """The invitation: what, which day, and how to answer (domain reference §3.4, step 1).

    ``tongue``: by default the person's own.
    """
    _ = tongue or tongue_of(invitation.person)
    if invitation.kind in _AGREED:
        return _agreed_text(invitation, today, _)
    full, __ = _senders(invitation.organisation, _)
    title = title_words(invitation, _)
    return Text(
        sms=_first_that_fits(_offers(invitation, today, _), _),
        title=_("On vous propose %(title)s", title=title),
        mail=_mail(
            _("%(sender)s vous propose %(title)s.", sender=full, title=_in_full(invitation, _)),
            invitation,
            _("Répondre\u00a0: %(link)s", link=LINK_MARK),
            _,
        ),
        to_say=f"{capital(sender_words(invitation.organisation))} vous propose"
        f" {invitation.title}, le {_where_and_when(invitation, today)}. Voulez-vous venir ?",
    )


def _offers(invitation: Invitation, today: date, _: Tongue) -> list[str]:
    """What is proposed in an SMS, from the fullest wording to the shortest."""
    full, brief = _senders(invitation.organisation, _)
    title, day = title_words(invitation, _), day_words(invitation.starts_at, today, _)
    kind = _(_KINDS[invitation.kind])
    reply, tap, answers = _reply(_), _("Ou appuyez\u00a0: %(link)s", link=LINK_MARK), _answers(_)

    def offer(sender: str, what: str) -> str:
        return _(
            "%(sender)s vous propose %(title)s le %(day)s.", sender=sender, title=what, day=day
        )

    return [
        f"{_hello(_)} {offer(full, title)} {reply} {tap}",
        f"{offer(full, title)} {reply} {LINK_MARK}",
        f"{offer(brief, title)} {reply} {LINK_MARK}",
        f"{_said_by(full, _, day, title)} {answers} {LINK_MARK}",
        f"{_said_by(brief, _, day, title)} {answers} {LINK_MARK}",
        f"{_hello(_)} {offer(full, title)} {reply}",
        f"{offer(brief, title)} {reply}",
        f"{offer(brief, kind)} {reply}",
        f"{_said_by(brief, _, day)} {reply}",
    ]


def _agreed_text(invitation: Invitation, today: date, _: Tongue) -> Text:
    """A first day, already agreed on: it is announced, not proposed."""
    title = title_words(invitation, _)
    when, where = moment_words(invitation.starts_at, today, _), place_words(invitation)
    full, brief = _senders(invitation.organisation, _)
    reply, tap, answers = _reply(_), _("Ou appuyez\u00a0: %(link)s", link=LINK_MARK), _answers(_)
    said = capital(invitation.title)
    return Text(
        sms=_first_that_fits(
            [
                f"{_said_by(full, _, title, when, where)} {reply} {tap}",
                f"{_said_by(full, _, title, when, where)} {reply} {LINK_MARK}",
                f"{_said_by(brief, _, title, when, where)} {reply} {LINK_MARK}",
                f"{_said_by(brief, _, title, when)} {reply} {LINK_MARK}",
                f"{_said_by(brief, _, when, title)} {answers} {LINK_MARK}",
                f"{_said_by(full, _, title, when, where)} {reply}",
                f"{_said_by(brief, _, title, when)} {reply}",
                f"{_said_by(brief, _, when)} {reply}",
            ],
            _,
        ),
        title=capital(title),
        mail=_mail(f"{title}.", invitation, _("Répondre\u00a0: %(link)s", link=LINK_MARK), _),
        to_say=f"{said} : {_where_and_when(invitation, today)}. Pouvez-vous venir ?",
    )


def reminder_text(
    invitation: Invitation, today: date, travel: str = "", travel_to_say: str = ""
) -> Text:
    """« Rappel »: what, when, where, how long to go there, and a link to say that one cannot.

    ``travel``: in the person's language; ``travel_to_say``: in French.
    """
    _ = tongue_of(invitation.person)
    when, where = moment_words(invitation.starts_at, today, _), place_words(invitation)
    title, with_travel = title_words(invitation, _), f" {travel}." if travel else ""

    def unsigned(*parts: str) -> str:
        return _("Rappel\u00a0: %(what)s.", what=_listed(_, *parts))

    def reminder(sender: str, *parts: str) -> str:
        what = _listed(_, *parts)
        return _("Rappel de %(sender)s\u00a0: %(what)s.", sender=sender, what=what)

    full, brief = _senders(invitation.organisation, _)
    by_link = _("Un souci\u00a0? %(link)s", link=LINK_MARK)
    by_reply = _("Un souci\u00a0? Répondez 3.")
    said = f" {travel_to_say}." if travel_to_say else ""
    return Text(
        sms=_first_that_fits(
            [
                f"{reminder(full, title, when, where)}{with_travel} {by_link}",
                f"{reminder(brief, title, when, where)}{with_travel} {by_link}",
                f"{reminder(brief, title, when, where)} {by_link}",
                f"{reminder(brief, when, where)} {by_link}",
                f"{reminder(brief, title, when, where)}{with_travel} {by_reply}",
                f"{reminder(brief, title, when)} {by_reply}",
                f"{reminder(brief, when)} {by_reply}",
            ],
            _,
        ),
        title=unsigned(title).rstrip("."),
        mail=_mail(unsigned(_in_full(invitation, _)), invitation, by_link, _),
        to_say=f"Rappel : {invitation.title}, le {_where_and_when(invitation, today)}.{said}",
    )


def moved_text(invitation: Invitation, today: date) -> Text:
    """The person chose another moment."""
    _ = tongue_of(invitation.person)
    when, where = moment_words(invitation.starts_at, today, _), place_words(invitation)
    title = title_words(invitation, _)

    full, brief = _senders(invitation.organisation, _)

    def noted(sender: str, *parts: str) -> str:
        return _("%(sender)s a noté\u00a0: %(what)s.", sender=sender, what=_listed(_, *parts))

    return Text(
        sms=_first_that_fits(
            [
                noted(full, title, when, where),
                noted(brief, title, when, where),
                noted(brief, title, when),
                noted(brief, when),
            ],
            _,
        ),
        title=_("Votre rendez-vous"),
        mail=_mail(
            _("C’est noté\u00a0: %(what)s.", what=_in_full(invitation, _)), invitation, "", _
        ),
        to_say=f"C’est noté : {invitation.title}, le {_where_and_when(invitation, today)}.",
    )


def cancelled_text(invitation: Invitation, today: date) -> Text:
    """The meeting does not take place: nobody must travel for nothing."""
    _ = tongue_of(invitation.person)
    day = day_words(invitation.starts_at, today, _)
    what = _what_day(title_words(invitation, _), day, _)
    away, calls = _("Ne venez pas."), _("Votre conseiller vous rappelle.")

    full, brief = _senders(invitation.organisation, _)

    def off(sender: str, told: str) -> str:
        return _("%(sender)s annule\u00a0: %(what)s.", sender=sender, what=told)

    said = f"{invitation.title} le {day_words(invitation.starts_at, today)}"
    return Text(
        sms=_first_that_fits(
            [
                f"{off(full, what)} {away} {calls}",
                f"{off(brief, what)} {away} {calls}",
                f"{off(brief, day)} {away}",
            ],
            _,
        ),
        title=_("Rendez-vous annulé"),
        mail=f"{_hello(_)}\n\n{capital(off(full, what))} {away} {calls}",
        to_say=f"Annulé : {said}. Ne venez pas.",
    )


def feeling_text(invitation: Invitation) -> Text:
    """The evening of a first day."""
    _ = tongue_of(invitation.person)
    full, brief = _senders(invitation.organisation, _)
    asked = _("Votre premier jour\u00a0: tout s’est bien passé\u00a0?")
    reply = _("Si ça va mal, répondez 3. On vous rappelle.")
    tell = _("Dites-le ici\u00a0: %(link)s", link=LINK_MARK)

    def asks(sender: str) -> str:
        return _(
            "%(sender)s demande\u00a0: votre premier jour s’est bien passé\u00a0?", sender=sender
        )

    return Text(
        sms=_first_that_fits(
            [
                f"{_hello(_)} {asks(full)} {tell}",
                f"{asks(full)} {tell}",
                f"{asks(brief)} {LINK_MARK}",
                f"{asks(brief)} {reply}",
            ],
            _,
        ),
        title=_("Tout s’est bien passé\u00a0?"),
        mail=f"{_hello(_)}\n\n{asked}\n\n{tell}",
        to_say="Votre premier jour : tout s’est bien passé ?",
    )


def length_of(sms: str) -> int:
    """How many signs a text has once its link is written."""
    return len(sms.replace(LINK_MARK, "x" * link_length()))


def _hello(_: Tongue) -> str:
    return _("Bonjour,")


def _answers(_: Tongue) -> str:
    return _("1 OUI 2 NON 3 RAPPELEZ-MOI")


def _reply(_: Tongue) -> str:
    return _("Répondez %(answers)s.", answers=_answers(_))


def _said_by(sender: str, _: Tongue, *parts: str) -> str:
    return _("%(sender)s\u00a0: %(what)s.", sender=sender, what=_listed(_, *parts))


def _what_day(title: str, day: str, _: Tongue) -> str:
    return _("%(title)s le %(day)s", title=title, day=day)


def _in_full(invitation: Invitation, _: Tongue) -> str:
    """The title, beside which a mail has room for what a professional typed."""
    title = title_words(invitation, _)
    if _.is_french or not has_free_title(invitation):
        return title
    return f"{title} («\u00a0{invitation.title}\u00a0»)"


def _listed(_: Tongue, *parts: str) -> str:
    return ("، " if _.right_to_left else ", ").join(part for part in parts if part)


def _first_that_fits(wordings: Sequence[str], _: Tongue) -> str:
    """The fullest wording that fits; the last one, which has no name from data, always does."""
    texts = [capital(" ".join(t.split()) if _.has_other_writing else plain(t)) for t in wordings]
    most = gsm7.LONGEST_UCS2 if _.has_other_writing else gsm7.LONGEST
    return next((text for text in texts if length_of(text) <= most), texts[-1])


def _where_and_when(invitation: Invitation, today: date) -> str:
    """In French, for whoever says it."""
    return _listed(FRENCH, moment_words(invitation.starts_at, today), place_words(invitation))


def _mail(opening: str, invitation: Invitation, closing: str, _: Tongue) -> str:
    when = _.day(invitation.starts_at.astimezone(clock.PARIS).date(), "d MMMM y")
    if has_hour(invitation.starts_at):
        when = _("%(day)s à %(hour)s", day=when, hour=_.hour(invitation.starts_at))
    place = place_words(invitation) or _("à préciser")
    lines = [
        _("Bonjour,"),
        capital(opening),
        _("Quand\u00a0: %(when)s", when=when),
        _("Où\u00a0: %(place)s", place=place),
        closing,
    ]
    return "\n\n".join(line for line in lines if line)
