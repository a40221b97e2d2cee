"""Immersions at every stage, made by the portal's own rules at the days they were made.

Made last: its draws come after all the others, which stay as they were. Events are dated from
the day each gate was passed, by holding the clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import select

from portal import clock
from portal.access.actor import Actor
from portal.access.people import own_portfolio
from portal.demo.scene import Scene
from portal.demo.structures import Structures
from portal.immersions import queries, recording
from portal.immersions.assessing import Assessment, follow_dates, record_assessment
from portal.immersions.judging import Draft
from portal.immersions.recording import missing_roles
from portal.models import (
    Account,
    Establishment,
    Habilitation,
    HabilitationKind,
    Immersion,
    ImmersionObject,
    JobOffer,
    Membership,
    ObjectivesOutcome,
    Organisation,
    OrganisationKind,
    Person,
    Role,
    SignatoryRole,
    SignatureMethod,
)

_LENGTH = timedelta(days=11)
# The platform does not prescribe: its request goes to the MDS of Arras.
_ACCOUNTS = ("referent", "adviser", "referent_2", "referent_lens")
# The one whose assessment is due and the one in course are in the firm that has an account.
_OF_EMPLOYER_ACCOUNT = (2, 3)
_TUTORS = (
    ("Bruno Caslier", "chef d’équipe"),
    ("Sylvie Daumerin", "cheffe de chantier"),
    ("Karim Vellois", "conducteur de travaux"),
    ("Maud Perrelle", "responsable d’atelier"),
)


@dataclass
class Story:
    """One immersion: whose, where, and how far it went."""

    scene: Scene
    actor: Actor
    draft: Draft

    def at(self, day: date, act: Callable[[], object]) -> None:
        """Do something as of a day."""
        with clock.frozen_at(clock.start_of(day) + timedelta(hours=10)):
            act()
            self.scene.session.flush()


def make_immersions(scene: Scene, structures: Structures, offers: list[JobOffer]) -> int:
    """A handful, in the firms of the offers, for people of four portfolios."""
    _make_rights(scene, structures)
    routed = structures.organisations["mds_arras"]
    accounts = (structures.accounts[key] for key in _ACCOUNTS)
    stages = _stages()
    count = 0
    for account in accounts:
        actor = Actor(account, account.memberships[0])
        for person, offer in _pairs(scene, actor, offers):
            stage = next(stages, None)
            if stage is None:
                return count
            weeks, play = stage
            if count in _OF_EMPLOYER_ACCOUNT:
                offer = _own_offer(structures, offers)
            start = _monday(scene.today + timedelta(weeks=weeks))
            story = Story(scene, actor, _draft(scene, actor, person, offer, start, count))
            if actor.role is Role.ADVISER:
                story.draft.prescriber = routed
            play(story)
            count += 1
    return count


def _own_offer(structures: Structures, offers: list[JobOffer]) -> JobOffer:
    """An offer of the firm that has an account."""
    firm = structures.accounts["employer"].memberships[0].organisation.establishment_id
    return next(row for row in offers if row.establishment_id == firm and row.occupation)


def _make_rights(scene: Scene, structures: Structures) -> None:
    """Who may prescribe, on file, and the structures of the service public de l’emploi."""
    agency = scene.add(
        Organisation(
            kind=OrganisationKind.FRANCE_TRAVAIL,
            name="France Travail Arras",
            departement_code="62",
            phone="03 53 01 00 90",
        )
    )
    structures.organisations["ft_arras"] = agency
    scene.session.flush()
    for key in ("mds_arras", "mds_lens", "mds_cambrai", "ml_lens", "siae", "ft_arras"):
        scene.add(
            Habilitation(
                organisation_id=structures.organisations[key].id,
                kind=HabilitationKind.PMSMP,
                valid_from=date(2026, 1, 1),
                reference="Convention de démonstration",
            )
        )
    scene.session.flush()


def _stages() -> Iterator[tuple[int, Callable[[Story], object]]]:
    """(weeks from today to the start, how far it goes)."""
    return iter(
        (
            (-6, _reached),
            (-9, _not_for_me),
            (-2, _in_course_or_over),
            (0, _validated),
            (3, _waits_for_prescriber),
            (3, _partly_signed),
            (4, _checked),
            (5, _draft_only),
            (-12, _reached),
            (2, _validated),
        )
    )


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _pairs(scene: Scene, actor: Actor, offers: list[JobOffer]) -> Iterator[tuple[Person, JobOffer]]:
    """People of age whose birth date is known, each with a firm of the same département."""
    query = (
        select(Person)
        .where(own_portfolio(actor), Person.birth_date < date(2000, 1, 1))
        .order_by(Person.external_ref)
    )
    people = scene.session.scalars(query).all()[5:45:10]
    known = [o for o in offers if o.establishment and o.establishment.siret and o.occupation_code]
    for person in people:
        near = [o for o in known if o.departement_code == person.departement_code]
        if near:
            yield person, scene.random.choice(near)


def _draft(
    scene: Scene, actor: Actor, person: Person, offer: JobOffer, start: date, number: int
) -> Draft:
    firm = scene.session.get_one(Establishment, offer.establishment_id)
    tutor, role = _TUTORS[number % len(_TUTORS)]
    trade = offer.occupation.label if offer.occupation else ""
    skills = queries.list_gestures(scene.session, offer.occupation)
    return Draft(
        person=person,
        establishment=firm,
        occupation=offer.occupation,
        prescriber=actor.organisation,
        object=ImmersionObject.CONFIRM if number % 3 else ImmersionObject.DISCOVER,
        objectives=f"Voir si le métier convient : {trade}.".replace(" :", "\u00a0:"),
        tasks="\n".join(skill.plain for skill in skills) or "Aider l’équipe",
        start=start,
        end=start + _LENGTH,
        presence_days=10,
        weekly_hours=35.0,
        schedule="Du lundi au vendredi, 8 h à 12 h et 13 h à 16 h",
        tutor_name=tutor,
        tutor_role=role,
        tutor_contact=firm.contact_phone,
        no_replacement_declared=True,
    )


# How far each goes --------------------------------------------------------------------------


def _prepared(story: Story) -> Immersion:
    made: list[Immersion] = []
    day = min(story.scene.today, story.draft.start - timedelta(days=16))
    session, actor = story.scene.session, story.actor

    def prepare() -> None:
        made.append(recording.record_immersion(session, actor, draft=story.draft))

    story.at(day, prepare)
    made[0].public_id = story.scene.public_id()
    return made[0]


def _checked(story: Story) -> Immersion:
    return _prepared(story)


def _draft_only(story: Story) -> Immersion:
    story.draft.no_replacement_declared = False
    return _prepared(story)


def _partly_signed(story: Story) -> Immersion:
    row = _prepared(story)
    _sign(story, row, 1)
    return row


def _waits_for_prescriber(story: Story) -> Immersion:
    row = _prepared(story)
    _sign(story, row, 9)
    return row


def _validated(story: Story) -> Immersion:
    row = _waits_for_prescriber(story)
    session, prescriber = story.scene.session, _prescriber_of(story, row)
    day = min(story.scene.today, story.draft.start - timedelta(days=6))
    story.at(day, lambda: recording.validate(session, prescriber, immersion=row))
    for moves_on in (row.start, row.end + timedelta(days=1)):
        if moves_on <= story.scene.today:
            story.at(moves_on, lambda: follow_dates(session, clock.today()))
    return row


def _prescriber_of(story: Story, row: Immersion) -> Actor:
    """Somebody of the structure that decides."""
    if row.prescriber_id == story.actor.organisation.id:
        return story.actor
    place = story.scene.session.scalars(
        select(Membership)
        .where(Membership.organisation_id == row.prescriber_id, Membership.role == Role.REFERENT)
        .order_by(Membership.id)
    ).first()
    assert place is not None, "every prescriber of the demonstration has a référent"
    return Actor(place.account, place)


def _in_course_or_over(story: Story) -> Immersion:
    """Begun two weeks before today's week: over, its assessment due."""
    return _validated(story)


def _reached(story: Story) -> Immersion:
    return _assessed(story, ObjectivesOutcome.REACHED, would_hire=True, liked=None)


def _not_for_me(story: Story) -> Immersion:
    return _assessed(story, ObjectivesOutcome.PARTLY, would_hire=False, liked=False)


def _assessed(
    story: Story, outcome: ObjectivesOutcome, *, would_hire: bool, liked: bool | None
) -> Immersion:
    row = _validated(story)
    random, session = story.scene.random, story.scene.session
    skills = queries.list_gestures(session, row.occupation)
    said = Assessment(
        came=True,
        objectives=outcome,
        by_name=row.tutor_name,
        would_hire=would_hire,
        gestures={skill.code: random.choice((0, 1, 1, 2, 2)) for skill in skills},
        liked=liked,
    )
    day = row.end + timedelta(days=3)
    story.at(day, lambda: record_assessment(session, story.actor, immersion=row, said=said))
    return row


def _sign(story: Story, row: Immersion, count: int) -> None:
    """The first ``count`` signatures, a day after the other."""
    session, actor, today = story.scene.session, story.actor, story.scene.today
    day = min(today, row.start - timedelta(days=14))
    story.at(day, lambda: recording.send_to_sign(session, actor, immersion=row))
    for role in missing_roles(row)[:count]:
        name = _signatory(role, row, actor.account)

        def sign(role: SignatoryRole = role, name: str = name) -> None:
            recording.record_signature(
                session,
                actor,
                immersion=row,
                role=role,
                name=name,
                method=SignatureMethod.PAPER,
                signed_on=clock.today(),
            )

        story.at(day, sign)


def _signatory(role: SignatoryRole, row: Immersion, account: Account) -> str:
    names = {
        SignatoryRole.PERSON: row.person.full_name,
        SignatoryRole.HOST: row.establishment.contact_name or row.tutor_name,
    }
    return names.get(role, account.full_name)
