"""One row of each thing, as the tests of addresses and rights need them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portal import clock
from portal.calls.queries import record_call
from portal.doors.links import make_link
from portal.imports.people_duplicates import row_of_value
from portal.imports.people_values import PersonValue
from portal.models import (
    Account,
    AgreementChannel,
    AnswerChannel,
    AssertionSource,
    Barrier,
    BarrierImpact,
    BarrierTheme,
    CallReason,
    CohortMeeting,
    Contestation,
    ContractKind,
    DuplicateCandidate,
    EmployerNeed,
    Enrollment,
    EnrollmentState,
    FollowUpKind,
    FollowUpSide,
    Hire,
    Immersion,
    ImmersionObject,
    ImmersionState,
    ImportKind,
    ImportRun,
    Introduction,
    IntroductionState,
    Invitation,
    InvitationKind,
    Job,
    JobFollowUp,
    JobKind,
    JobOffer,
    JobPromise,
    LinkPurpose,
    MeetingBooking,
    MembershipState,
    MessageChannel,
    MessageKind,
    Organisation,
    OutboxMessage,
    PastTrade,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    ReceivedSms,
    Role,
    ScenarioKind,
    SmsMeaning,
    SpokenLanguage,
    StepKind,
    TrainingSession,
)
from tests.support.cohort_people import Hub
from tests.support.factories import Factory


def unknown_sms(make: Factory, person: Person) -> ReceivedSms:
    """An SMS from a number of nobody; the person tells it from those of other rows."""
    row: ReceivedSms = make.add(
        ReceivedSms(
            provider_ref=f"unknown-{person.id}",
            phone="+33639989999",
            body="bonjour",
            meaning=SmsMeaning.UNCLEAR,
            unclaimed=True,
        )
    )
    return row


def calls(
    make: Factory, person: Person, platform: Organisation, booking: MeetingBooking
) -> dict[str, Any]:
    """An invitation to the meeting of the hub, and a call the platform is to make."""
    invitation = Invitation(
        person_id=person.id,
        kind=InvitationKind.INFORMATION,
        title="une réunion d’information",
        starts_at=clock.now() + timedelta(days=7),
        place="Mairie",
        organisation_id=booking.meeting.cohort.hub_id,
        booking_id=booking.id,
    )
    call = record_call(
        make.session,
        reason=CallReason.CALL_ME,
        due_on=clock.today(),
        person=person,
        organisation_id=platform.id,
    )
    return {"invitation": make.add(invitation), "call": call}


def message(make: Factory, person: Person, referent: Account) -> OutboxMessage:
    """A message of the referent's structure to the person, that waits to be sent."""
    row: OutboxMessage = make.add(
        OutboxMessage(
            key=f"sample:{person.public_id}",
            kind=MessageKind.INVITATION,
            channel=MessageChannel.SMS,
            person_id=person.id,
            organisation_id=referent.memberships[0].organisation_id,
            body="Bonjour",
        )
    )
    return row


def doors(make: Factory, person: Person, offer: JobOffer) -> dict[str, Any]:
    """A contact of the establishment, a link sent to them, and one sent to the person."""
    assert offer.establishment is not None
    contact = make.contact(offer.establishment)
    return {
        "contact": contact,
        "door_link": make_link(make.session, purpose=LinkPurpose.PERSON_SPACE, to=person),
        "employer_link": make_link(make.session, purpose=LinkPurpose.EMPLOYER_SPACE, to=contact),
    }


def contestation(make: Factory, person: Person) -> Contestation:
    """Something a person does not agree with, said to the structure that follows them."""
    row: Contestation = make.add(
        Contestation(
            person=person,
            organisation_id=person.owner_id,
            about="Une piste",
            asked_by=AnswerChannel.SPACE,
            due_on=clock.today(),
        )
    )
    return row


def need(make: Factory, platform: Organisation, place: Any) -> Any:
    """What an employer wrote to the adviser's platform."""
    return make.add(
        EmployerNeed(
            organisation_id=platform.id,
            employer_name="Travaux Dubois",
            contact_name="Paul Renard",
            contact_phone="06 39 98 12 34",
            trade="maçon",
            commune_code=place[0],
        )
    )


def hub(make: Factory, accounts: dict[Role, Account], person: Person, place: Any) -> dict[str, Any]:
    """An open cohort with a promised job, the person told of it, and a meeting to come."""
    hub = Hub(make, accounts[Role.HUB], accounts[Role.REFERENT])
    cohort = hub.cohort(training=make.session_of_training(place=place, starts_in=90))
    commitment = hub.commitment(cohort, jobs=2, place=place)
    member = hub.member(cohort, MembershipState.TOLD, person)
    promised = hub.member(cohort, MembershipState.READY, hub.person(place=place))
    promise = JobPromise(
        membership_id=promised.id, commitment_id=commitment.id, promised_on=clock.today()
    )
    meeting = make.add(
        CohortMeeting(
            cohort_id=cohort.id,
            on=clock.today() + timedelta(days=7),
            start_hour="09:30",
            place="Mairie",
            capacity=20,
        )
    )
    booking = MeetingBooking(meeting_id=meeting.id, membership_id=member.id)
    return {
        "cohort": cohort,
        "commitment": commitment,
        "cohort_member": member,
        "promise": make.add(promise),
        "meeting": meeting,
        "booking": make.add(booking),
    }


def immersion(make: Factory, person: Person, offer: JobOffer, referent: Account) -> Immersion:
    """An immersion that is over, in the firm of the offer; its assessment is due."""
    organisation = referent.memberships[0].organisation
    row: Immersion = make.add(
        Immersion(
            person_id=person.id,
            establishment_id=offer.establishment_id,
            occupation_code=offer.occupation_code,
            prescriber_id=organisation.id,
            support_id=organisation.id,
            by_id=referent.id,
            state=ImmersionState.ASSESSMENT_DUE,
            object=ImmersionObject.DISCOVER,
            objectives="Voir si le métier convient",
            tasks="Niveler",
            start=clock.today() - timedelta(days=12),
            end=clock.today() - timedelta(days=1),
            presence_days=9,
            weekly_hours=35,
            schedule="8 h à 16 h",
            tutor_name="Le chef d’équipe",
        )
    )
    return row


def introduction(make: Factory, person: Person, offer: JobOffer, adviser: Account) -> Introduction:
    """An introduction that the employer has received."""
    row: Introduction = make.add(
        Introduction(
            person_id=person.id,
            offer_id=offer.id,
            by_id=adviser.id,
            organisation_id=offer.organisation_id,
            state=IntroductionState.SENT,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.PHONE,
            agreed_with_id=adviser.id,
        )
    )
    return row


def hire(make: Factory, person: Person, offer: JobOffer, adviser: Account) -> dict[str, Any]:
    """A hire recorded by the platform, with news to take."""
    day = clock.today()
    follow_up = JobFollowUp(kind=FollowUpKind.J7, side=FollowUpSide.PERSON, due=day)
    of_firm = JobFollowUp(kind=FollowUpKind.J7, side=FollowUpSide.EMPLOYER, due=day)
    hire = Hire(
        person_id=person.id,
        establishment_id=offer.establishment_id,
        offer_id=offer.id,
        organisation_id=offer.organisation_id,
        recorded_by_id=adviser.id,
        contract=ContractKind.CDI,
        start=day,
        weekly_hours=35.0,
        follow_ups=[follow_up, of_firm],
    )
    return {"hire": make.add(hire), "follow_up": follow_up, "news_of_firm": of_firm}


def enrolment(
    make: Factory, person: Person, training_session: TrainingSession, referent: Account
) -> Enrollment:
    """A positioning in a session whose organisation has no account."""
    row: Enrollment = make.add(
        Enrollment(
            person_id=person.id,
            session=training_session,
            prescriber_id=referent.memberships[0].organisation_id,
            by_id=referent.id,
            state=EnrollmentState.POSITIONED,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.PHONE.value,
        )
    )
    return row


def pathway(make: Factory, person: Person, referent: Account) -> dict[str, Any]:
    """A proposed pathway with one step that can be changed."""
    day = clock.today() + timedelta(days=20)
    step = PathwayStep(
        position=0, kind=StepKind.OTHER, title="Atelier numérique", start=day, end=day
    )
    pathway = Pathway(
        person_id=person.id,
        by_id=referent.id,
        goal_occupation=make.occupation(),
        scenario=ScenarioKind.FREE,
        state=PathwayState.PROPOSED,
        steps=[step],
    )
    return {"pathway": make.add(pathway), "step": step}


def of_the_person(make: Factory, person: Person, referent: Account) -> dict[str, Any]:
    skill = make.skill()
    make.knows(person, skill)
    trade = PastTrade(person_id=person.id, occupation_code=make.occupation().code)
    barrier = Barrier(
        person_id=person.id,
        theme=BarrierTheme.CHILDCARE,
        impact=BarrierImpact.MEDIUM,
        observed_by_id=referent.id,
        observed_on=clock.today(),
    )
    language = SpokenLanguage(
        person_id=person.id,
        language_code="ar",
        source=AssertionSource.DECLARED,
        asserted_on=clock.today(),
    )
    return {
        "skill": skill,
        "trade": make.add(trade),
        "barrier": make.add(barrier),
        "language": make.add(language),
    }


def of_imports(make: Factory, admin: Account, person: Person) -> dict[str, Any]:
    """A preview of a file of people, the report of one, and a look-alike to decide.

    Theirs to their structure alone.
    """
    alike = DuplicateCandidate(
        owner_id=admin.memberships[0].organisation_id,
        external_ref="D-1",
        digest="0" * 64,
        person_id=person.id,
        row=row_of_value(PersonValue("D-1", person.first_name, person.last_name)),
    )
    job = Job(
        kind=JobKind.IMPORT,
        account_id=admin.id,
        arguments={
            "kind": ImportKind.PEOPLE.value,
            "upload": "not-there-any-more",
            "file_name": "personnes.csv",
            "dry_run": True,
            "options": {},
        },
    )
    run = ImportRun(
        kind=ImportKind.PEOPLE, file_name="personnes.csv", sha256="0" * 64, account_id=admin.id
    )
    return {"job": make.add(job), "run": make.add(run), "alike": make.add(alike)}
