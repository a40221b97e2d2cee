"""« Mes données »: what is known of the person and from whom, one theme per screen (RGPD art. 15).

Reading the person's own row and what hangs from it needs no perimeter: the visit is theirs, and
every query here is bound to its person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.access.actor import Actor
from portal.access.people import PersonAccess
from portal.models import (
    RESTRICTED_STATUSES,
    Account,
    Barrier,
    CallReason,
    CallRequest,
    Contestation,
    Credential,
    DomainEvent,
    Enrollment,
    Hire,
    Immersion,
    Interest,
    Introduction,
    IntroductionState,
    Invitation,
    JobOffer,
    MessageState,
    OutboxMessage,
    PastTrade,
    Pathway,
    Person,
    PersonRestricted,
    PersonStatus,
    Referral,
    TrainingAction,
    TrainingSession,
)
from portal.people.languages import language_name
from portal.people.queries.abilities import list_abilities
from portal.people.queries.languages import list_languages
from portal.people.rules import Rights, rights_of
from portal.phones import phone_text
from portal.recipients import my_data_words as words
from portal.recipients.saying_dates import day_with_year, hour
from portal.text import N_
from portal.web.language import LANGUAGES

#: The most rows of a list on one screen; the copy has all of them.
MOST = 30


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is known. ``french``: the value stays in French in every language.

    ``needs``: the right (of :class:`Rights`) without which no professional reads it.
    """

    label: str
    value: str
    told: str = ""
    on: date | datetime | None = None
    french: bool = False
    french_label: bool = False
    needs: str = ""


Build = Callable[[Session, Person], Iterable[Fact]]


@dataclass(frozen=True, slots=True)
class Theme:
    """A screen of « Mes données »; ``form``: the person changes these facts alone."""

    slug: str
    title: str
    icon: str
    build: Build
    form: str | None = None
    #: Not for the eyes of somebody passing by: opened by a second tap.
    private: bool = False


def _who(_session: Session, person: Person) -> Iterator[Fact]:
    yield Fact(_("Prénom"), person.first_name, french=True)
    yield Fact(_("Nom"), person.last_name, french=True)
    yield Fact(_("Date de naissance"), day_with_year(person.birth_date))
    yield Fact(_("Téléphone"), phone_text(person.phone))
    yield Fact(_("Courriel"), person.email or "")
    yield Fact(_("Comment vous joindre"), words.word(person.contact_preference))
    name, _direction = LANGUAGES.get(person.language or "fr", LANGUAGES["fr"])
    yield Fact(_("Langue de votre espace"), name)


def _travel(_session: Session, person: Person) -> Iterator[Fact]:
    yield Fact(_("Commune"), person.commune.name if person.commune else "", french=True)
    yield Fact(_("Comment vous vous déplacez"), ", ".join(map(words.mode, person.mode_list)))
    yield Fact(_("Trajet le plus long"), _("%(minutes)s minutes", minutes=person.max_minutes))


def _hours(_session: Session, person: Person) -> Iterator[Fact]:
    yield Fact(_("Vous êtes libre à partir du"), day_with_year(person.available_from))
    full = {True: _("Toute la semaine"), False: _("Une partie de la semaine")}
    yield Fact(
        _("Temps de travail"), full[person.full_time] if person.full_time is not None else ""
    )
    yield Fact(_("Pas avant"), hour(person.not_before))
    yield Fact(_("Pas après"), hour(person.not_after))


def _skills(session: Session, person: Person) -> Iterator[Fact]:
    for ability in list_abilities(session, person):
        row = ability.fact.standing
        yield Fact(
            ability.skill.plain,
            words.level(row.level),
            words.word(row.source),
            row.asserted_on,
            french_label=True,
        )
    for spoken in list_languages(session, person):
        name = language_name(spoken.language_code, str(get_locale() or "fr"))
        told = words.word(spoken.level) if spoken.level else _("Niveau à demander.")
        label = _("Vous parlez\u00a0: %(language)s", language=name)
        yield Fact(label, told, words.word(spoken.source), spoken.asserted_on)
    trades = select(PastTrade).where(PastTrade.person_id == person.id)
    for trade in session.scalars(trades.options(joinedload(PastTrade.occupation))):
        yield Fact(_("Métier déjà fait"), trade.occupation.label, french=True)


def _papers(session: Session, person: Person) -> Iterator[Fact]:
    query = select(Credential).where(Credential.person_id == person.id).order_by(Credential.id)
    for row in session.scalars(query.options(joinedload(Credential.type))):
        until = row.expires_on and _("Valable jusqu’au %(day)s.", day=day_with_year(row.expires_on))
        held = until or _("Vous l’avez.") if row.held else _("Vous ne l’avez pas.")
        yield Fact(row.type.label, held, words.word(row.proof), row.updated_at, french_label=True)


def _tastes(session: Session, person: Person) -> Iterator[Fact]:
    if person.project:
        yield Fact(_("Ce que vous cherchez"), person.project, french=True)
    query = select(Interest).where(Interest.person_id == person.id)
    for row in session.scalars(query.options(joinedload(Interest.occupation))):
        label = _("Vous aimez") if row.liking > 0 else _("Vous n’en voulez pas")
        yield Fact(label, row.occupation.label, on=row.recorded_on, french=True)


def _file(session: Session, person: Person) -> Iterator[Fact]:
    """What those who follow the person know, in plain words."""
    referrals = select(Referral).where(Referral.person_id == person.id, Referral.end.is_(None))
    follow = referrals.options(joinedload(Referral.account), joinedload(Referral.organisation))
    for referral in session.scalars(follow):
        who = referral.account.full_name if referral.account else ""
        name = ", ".join(part for part in (who, referral.organisation.name) if part)
        yield Fact(_("Vous suit"), name, on=referral.start, french=True)
    statuses = select(PersonStatus).where(
        PersonStatus.person_id == person.id, PersonStatus.end.is_(None)
    )
    for status in session.scalars(statuses.order_by(PersonStatus.start)):
        told = words.word(status.source)
        needs = "reads_restricted" if status.code in RESTRICTED_STATUSES else ""
        name = words.word(status.code)
        yield Fact(_("Votre situation"), name, told, status.start, needs=needs)
    yield from _difficulties(session, person)


def _difficulties(session: Session, person: Person) -> Iterator[Fact]:
    barriers = select(Barrier).where(Barrier.person_id == person.id).order_by(Barrier.id)
    for barrier in session.scalars(barriers):
        value = f"{words.word(barrier.theme)}. {words.word(barrier.state)}"
        yield Fact(_("Ce qui est difficile"), value, on=barrier.observed_on)
    limits = session.get(PersonRestricted, person.id)
    if limits is not None and limits.functional_limits:
        label = _("Gestes et horaires à éviter")
        yield Fact(label, limits.functional_limits, french=True, needs="keeps_limits")
    if limits is not None and limits.accommodation:
        label = _("Ce qui vous aide au travail")
        yield Fact(label, limits.accommodation, french=True, needs="keeps_limits")


def _steps(session: Session, person: Person) -> Iterator[Fact]:
    pathways = select(Pathway).where(Pathway.person_id == person.id).order_by(Pathway.id.desc())
    options = (
        joinedload(Pathway.goal_occupation),
        joinedload(Pathway.goal_offer).joinedload(JobOffer.occupation),
    )
    for row in session.scalars(pathways.options(*options).limit(MOST)):
        trade = row.goal_occupation or (row.goal_offer and row.goal_offer.occupation)
        name = trade.label if trade else ""
        yield Fact(_("Votre parcours"), name, words.word(row.state), row.created_at, french=True)
    yield from _invitations(session, person)
    yield from _commitments(session, person)


def _invitations(session: Session, person: Person) -> Iterator[Fact]:
    query = select(Invitation).where(Invitation.person_id == person.id)
    for row in session.scalars(query.order_by(Invitation.starts_at.desc()).limit(MOST)):
        state = words.word(row.state)
        yield Fact(_("Rendez-vous proposé"), row.title, state, row.starts_at, french=True)


def _commitments(session: Session, person: Person) -> Iterator[Fact]:
    """Stays in a firm, training, jobs: what, and since when."""
    immersions = select(Immersion).where(Immersion.person_id == person.id)
    for immersion in session.scalars(immersions.options(joinedload(Immersion.establishment))):
        name = immersion.establishment.name
        yield Fact(_("Immersion en entreprise"), name, on=immersion.start, french=True)
    program = joinedload(Enrollment.session).joinedload(TrainingSession.action)
    enrolments = select(Enrollment).where(Enrollment.person_id == person.id)
    for enrolment in session.scalars(
        enrolments.options(program.joinedload(TrainingAction.program))
    ):
        title = enrolment.session.action.program.title
        yield Fact(_("Formation"), title, on=enrolment.session.start, french=True)
    hires = select(Hire).where(Hire.person_id == person.id)
    for hire in session.scalars(hires.options(joinedload(Hire.establishment))):
        yield Fact(_("Emploi"), hire.establishment.name, on=hire.start, french=True)


def _employers(session: Session, person: Person) -> Iterator[Fact]:
    """Which employer saw which card, and when."""
    query = (
        select(Introduction)
        .where(Introduction.person_id == person.id)
        .options(
            joinedload(Introduction.offer).joinedload(JobOffer.establishment),
            joinedload(Introduction.offer).joinedload(JobOffer.occupation),
        )
        .order_by(Introduction.created_at.desc(), Introduction.id.desc())
        .limit(MOST)
    )
    rows = list(session.scalars(query))
    seen = _read_on(session, [row.id for row in rows])
    for row in rows:
        offer = row.offer
        job = offer.occupation.label if offer.occupation else offer.title or ""
        yield Fact(_employer_name(row), job, words.word(row.state), row.sent_at, True, True)
        if row.id in seen:
            yield Fact(_("Carte lue"), day_with_year(seen[row.id]))


def _employer_name(row: Introduction) -> str:
    """The firm, once it holds the card; before, its name may be kept from the person."""
    establishment = row.offer.establishment
    known = row.sent_at is not None and establishment is not None
    return establishment.name if known and establishment else _("Une entreprise")


def _read_on(session: Session, introduction_ids: list[int]) -> dict[int, datetime]:
    events = select(DomainEvent.subject_id, DomainEvent.at).where(
        DomainEvent.subject_kind == Introduction.__tablename__,
        DomainEvent.subject_id.in_(introduction_ids),
        DomainEvent.to_state == IntroductionState.SEEN.value,
    )
    return {row.subject_id: row.at for row in session.execute(events)}


def _messages(session: Session, person: Person) -> Iterator[Fact]:
    query = (
        select(OutboxMessage)
        .where(
            OutboxMessage.person_id == person.id,
            OutboxMessage.state.in_((MessageState.SENT, MessageState.CALLED)),
        )
        .order_by(OutboxMessage.created_at.desc(), OutboxMessage.id.desc())
        .limit(MOST)
    )
    for row in session.scalars(query):
        label = _("Dit au téléphone") if row.state is MessageState.CALLED else _("Message envoyé")
        text = row.to_say or row.body.replace("{link}", "…")
        yield Fact(label, text, on=row.sent_at or row.updated_at, french=True)


def _questions(session: Session, person: Person) -> Iterator[Fact]:
    query = (
        select(Contestation, Account)
        .outerjoin(Account, Account.id == Contestation.answered_by_id)
        .where(Contestation.person_id == person.id)
        .order_by(Contestation.asked_at.desc())
        .limit(MOST)
    )
    for row, account in session.execute(query):
        yield Fact(
            _("Vous n’êtes pas d’accord"), row.text or row.about, on=row.asked_at, french=True
        )
        if row.answer:
            name = account.full_name if account else ""
            told = _("Réponse de %(name)s.", name=name) if name else ""
            yield Fact(_("La réponse"), row.answer, told, row.answered_at, french=True)
        else:
            yield Fact(_("La réponse"), _answer_before(row.due_on))
    yield from _corrections(session, person)


def _corrections(session: Session, person: Person) -> Iterator[Fact]:
    """What the person asked to correct, until who follows them has answered."""
    rows = session.scalars(
        select(CallRequest).where(
            CallRequest.person_id == person.id,
            CallRequest.reason == CallReason.CORRECTION,
            CallRequest.done_at.is_(None),
        )
    )
    for row in rows:
        yield Fact(_("Quelque chose est faux"), row.note or "", on=row.asked_at, french=True)
        yield Fact(_("La réponse"), _answer_before(row.due_on))


def _answer_before(day: date) -> str:
    said: str = _("Réponse avant le %(day)s.", day=day_with_year(day))
    return said


THEMES = {
    theme.slug: theme
    for theme in (
        Theme("moi", N_("Qui je suis, comment me joindre"), "person", _who, "joindre"),
        Theme("trajet", N_("Où j’habite, comment je me déplace"), "trip", _travel, "trajet"),
        Theme("horaires", N_("Quand je suis libre"), "day", _hours, "horaires"),
        Theme("savoir-faire", N_("Ce que je sais faire"), "skills", _skills),
        Theme("papiers", N_("Mes permis et certificats"), "yes", _papers),
        Theme("envies", N_("Ce que j’aime, ce que je ne veux pas"), "leads", _tastes),
        Theme("etapes", N_("Mon parcours et mes rendez-vous"), "pathway", _steps),
        Theme("entreprises", N_("Les entreprises qui voient ma carte"), "place", _employers),
        Theme("messages", N_("Les messages envoyés"), "call", _messages),
        Theme("questions", N_("Mes désaccords et les réponses"), "question", _questions),
        Theme("dossier", N_("Ce que savent ceux qui me suivent"), "data", _file, private=True),
    )
}


def facts_of(
    session: Session, person: Person, theme: Theme, helper: Actor | None = None
) -> list[Fact]:
    """What is known under a theme, in the language of the page.

    A professional beside the person reads there no more than in the file.
    """
    rights = rights_beside(person, helper)
    return [
        fact
        for fact in theme.build(session, person)
        if rights is None or not fact.needs or getattr(rights, fact.needs)
    ]


def rights_beside(person: Person, helper: Actor | None) -> Rights | None:
    """What the professional beside may read of the file; None when the person is alone."""
    return rights_of(helper, PersonAccess.WRITE, person.referrals) if helper else None


def may_take_copy(person: Person, helper: Actor | None) -> bool:
    """Whether all that is known may leave on this screen: somebody beside would read it."""
    rights = rights_beside(person, helper)
    return rights is None or (rights.reads_restricted and rights.keeps_limits)
