"""One row of each thing that has an address, so that every endpoint can be called.

**To cover a new endpoint**: if its address holds a parameter, say here which row fills it: build
the row in :func:`build_rows`, keep it in :class:`Rows`, name it in ``ARGUMENTS``. Then add its
line to ``tests/portal/role_matrix.csv``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from portal import clock
from portal.accounts.links import make_token
from portal.calls.queries import record_call
from portal.doors.links import make_link, token_of
from portal.imports.people_duplicates import row_of_value
from portal.imports.people_values import PersonValue
from portal.models import (
    Account,
    AgreementChannel,
    AnswerChannel,
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
    Referral,
    Role,
    ScenarioKind,
    SmsMeaning,
    StepKind,
    TrainingSession,
)
from tests.support.cohort_people import Hub
from tests.support.factories import ARRAS, CAMBRAI, Factory
from tests.support.projects import make_list, make_project, make_trade

SECRET_KEY = "a key for the tests of the role matrix"


@dataclass
class Rows:
    """What exists in one département: an account of each role, and what they work on.

    The person is followed by the referent's structure and by the adviser's platform. Features
    keep theirs in ``more``.
    """

    accounts: dict[Role, Account]
    platform: Organisation
    person: Person
    offer: JobOffer
    training_session: TrainingSession
    more: dict[str, Any] = field(default_factory=dict)


def build_rows(make: Factory, departement_code: str) -> Rows:
    """Build everything in a département (62, or 59 for what the others may not see)."""
    place = ARRAS if departement_code == "62" else CAMBRAI
    accounts = {role: _account(make, role, departement_code) for role in Role}
    adviser, referent = accounts[Role.ADVISER], accounts[Role.REFERENT]
    platform = adviser.memberships[0].organisation
    person = make.person(referent=referent, place=place)
    make.add(
        Referral(
            person_id=person.id,
            organisation_id=platform.id,
            account_id=adviser.id,
            lead=False,
            start=clock.today(),
        )
    )
    offer = make.offer(adviser, place=place)
    hub = _hub(make, accounts, person, place)
    make_trade(make, make_list(make, make_project(make)), position=1)
    accounts[Role.EMPLOYER].memberships[0].organisation.establishment_id = offer.establishment_id
    training_session = make.session_of_training(place=place)
    return Rows(
        accounts=accounts,
        platform=platform,
        person=person,
        offer=offer,
        training_session=training_session,
        more=_of_the_person(make, person, referent)
        | _pathway(make, person, referent)
        | _of_imports(make, accounts[Role.ADMIN], person)
        | {
            "introduction": _introduction(make, person, offer, adviser),
            "immersion": _immersion(make, person, offer, referent),
        }
        | {"enrolment": _enrolment(make, person, training_session, referent)}
        | _hire(make, person, offer, adviser)
        | hub
        | _calls(make, person, platform, hub["booking"])
        | _doors(make, person, offer)
        | {"need": _need(make, platform, place)}
        | {"message": _message(make, person, referent)}
        | {"sms": _unknown_sms(make, person)}
        | {"contestation": _contestation(make, person)},
    )


def _unknown_sms(make: Factory, person: Person) -> ReceivedSms:
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


def _calls(
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


def _message(make: Factory, person: Person, referent: Account) -> OutboxMessage:
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


def _doors(make: Factory, person: Person, offer: JobOffer) -> dict[str, Any]:
    """A contact of the establishment, a link sent to them, and one sent to the person."""
    assert offer.establishment is not None
    contact = make.contact(offer.establishment)
    return {
        "contact": contact,
        "door_link": make_link(make.session, purpose=LinkPurpose.PERSON_SPACE, to=person),
        "employer_link": make_link(make.session, purpose=LinkPurpose.EMPLOYER_SPACE, to=contact),
    }


def _contestation(make: Factory, person: Person) -> Contestation:
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


def _need(make: Factory, platform: Organisation, place: Any) -> Any:
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


def _hub(
    make: Factory, accounts: dict[Role, Account], person: Person, place: Any
) -> dict[str, Any]:
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


def _immersion(make: Factory, person: Person, offer: JobOffer, referent: Account) -> Immersion:
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


def _introduction(make: Factory, person: Person, offer: JobOffer, adviser: Account) -> Introduction:
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


def _hire(make: Factory, person: Person, offer: JobOffer, adviser: Account) -> dict[str, Any]:
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


def _enrolment(
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


def _pathway(make: Factory, person: Person, referent: Account) -> dict[str, Any]:
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


def _of_the_person(make: Factory, person: Person, referent: Account) -> dict[str, Any]:
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
    return {"skill": skill, "trade": make.add(trade), "barrier": make.add(barrier)}


def _of_imports(make: Factory, admin: Account, person: Person) -> dict[str, Any]:
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


def _account(make: Factory, role: Role, departement_code: str) -> Account:
    account = make.account(role)
    account.memberships[0].organisation.departement_code = departement_code
    make.session.flush()
    return account


#: « endpoint:parameter », else « blueprint:parameter », else « :parameter » → its value.
ARGUMENTS: dict[str, Callable[[Rows], str]] = {
    "static:filename": lambda _: "css/ecluse.css",
    "accounts:public_id": lambda rows: rows.accounts[Role.HUB].memberships[0].public_id,
    "accounts:token": lambda rows: make_token(SECRET_KEY, rows.accounts[Role.HUB]),
    "deposits:public_id": lambda rows: rows.more["need"].public_id,
    # Somebody else's passkey: 404 for everybody.
    "factors:public_id": lambda rows: rows.person.public_id,
    "account_admin:public_id": lambda rows: rows.accounts[Role.HUB].public_id,
    "account_admin:place_id": lambda rows: rows.accounts[Role.HUB].memberships[0].public_id,
    "people:public_id": lambda rows: rows.person.public_id,
    "people:barrier_id": lambda rows: rows.more["barrier"].public_id,
    "people:code": lambda rows: rows.more["skill"].code,
    "people.remove_trade:code": lambda rows: rows.more["trade"].occupation_code,
    "people:offer_id": lambda rows: rows.offer.public_id,
    "doorstep:token": lambda rows: token_of(SECRET_KEY, rows.more["door_link"]),
    "doorstep.link_code:token": lambda rows: token_of(SECRET_KEY, rows.more["employer_link"]),
    "doorstep.check_link_code:token": lambda rows: token_of(SECRET_KEY, rows.more["employer_link"]),
    "doorstep.new_link_code:token": lambda rows: token_of(SECRET_KEY, rows.more["employer_link"]),
    "doorstep:what": lambda _: "lien",
    "employer_accesses:public_id": lambda rows: rows.offer.establishment.public_id,
    "employer_accesses:contact_id": lambda rows: rows.more["contact"].public_id,
    "person_accesses:public_id": lambda rows: rows.person.public_id,
    "contestations:public_id": lambda rows: rows.more["contestation"].public_id,
    "contestations:person_id": lambda rows: rows.person.public_id,
    "contestations:offer_id": lambda rows: rows.offer.public_id,
    "enrolments:public_id": lambda rows: rows.more["enrolment"].public_id,
    "enrolments.board:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.move_many:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.propose:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.say_scheme:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.sheet:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.save_sheet:public_id": lambda rows: rows.training_session.public_id,
    "enrolments.step:action": lambda _: "inviter",
    "imports:public_id": lambda rows: rows.more["job"].public_id,
    "imports.show_run:public_id": lambda rows: rows.more["run"].public_id,
    "imports.rejections:public_id": lambda rows: rows.more["run"].public_id,
    "people_import:public_id": lambda rows: rows.more["alike"].public_id,
    "people_import:token": lambda _: "0" * 32,
    "immersions:public_id": lambda rows: rows.more["immersion"].public_id,
    "immersions:action": lambda _: "annuler",
    "hubs:public_id": lambda rows: rows.more["cohort"].public_id,
    "hubs:member_id": lambda rows: rows.more["cohort_member"].public_id,
    "hubs:meeting_id": lambda rows: rows.more["meeting"].public_id,
    "hubs:booking_id": lambda rows: rows.more["booking"].public_id,
    "hubs:promise_id": lambda rows: rows.more["promise"].public_id,
    "hubs:purpose": lambda _: "job",
    "hubs:commitment_id": lambda rows: rows.more["commitment"].public_id,
    "hubs:kind": lambda _: "sourcing",
    "hubs:move": lambda _: "monter",
    "messages:public_id": lambda rows: rows.more["message"].public_id,
    "messages:action": lambda _: "annuler",
    "messages.claim:public_id": lambda rows: rows.more["sms"].public_id,
    "introductions:public_id": lambda rows: rows.more["introduction"].public_id,
    "introductions.propose:public_id": lambda rows: rows.offer.public_id,
    "introductions.step:action": lambda _: "vue",
    "employers:public_id": lambda rows: rows.more["introduction"].public_id,
    "employers.mirror:public_id": lambda rows: rows.offer.public_id,
    "employers.talk:public_id": lambda rows: rows.offer.public_id,
    "employers.aids:public_id": lambda rows: rows.offer.public_id,
    "employers.hire_aids:public_id": lambda rows: rows.more["hire"].public_id,
    "employers.late:public_id": lambda rows: rows.more["hire"].public_id,
    "employers.assess:public_id": lambda rows: rows.more["immersion"].public_id,
    "employers.record_assess:public_id": lambda rows: rows.more["immersion"].public_id,
    "employers.convention:public_id": lambda rows: rows.more["immersion"].public_id,
    "employers.follow_up:public_id": lambda rows: rows.more["news_of_firm"].public_id,
    "employers.record_news:public_id": lambda rows: rows.more["news_of_firm"].public_id,
    "hires:public_id": lambda rows: rows.more["hire"].public_id,
    "hires:follow_up_id": lambda rows: rows.more["follow_up"].public_id,
    "needs:code": lambda _: "F1702",
    "offers:action": lambda _: "reconfirmer",
    "offers:name": lambda _: "posts",
    "offers:public_id": lambda rows: rows.offer.public_id,
    "offers:person_id": lambda rows: rows.person.public_id,
    "pathways:public_id": lambda rows: rows.more["pathway"].public_id,
    "pathways.compose:public_id": lambda rows: rows.person.public_id,
    "pathways.choose:public_id": lambda rows: rows.person.public_id,
    "pathways.record_need:public_id": lambda rows: rows.person.public_id,
    "pathways.of_person:public_id": lambda rows: rows.person.public_id,
    "pathways:step_id": lambda rows: rows.more["step"].public_id,
    "projects:code": lambda _: "canal",
    "projects:position": lambda _: "1",
    "recipients.change_data:name": lambda _: "joindre",
    "recipients.agree_pathway:public_id": lambda rows: rows.more["pathway"].public_id,
    "recipients.ask_pathway_change:public_id": lambda rows: rows.more["pathway"].public_id,
    "recipients.change_pathway:public_id": lambda rows: rows.more["pathway"].public_id,
    **dict.fromkeys(
        (
            "invitations:public_id",
            "recipients.invitation:public_id",
            "recipients.answer_invitation:public_id",
            "recipients.other_dates:public_id",
            "recipients.move_invitation:public_id",
            "recipients.say_day:public_id",
            "recipients.invitation_calendar:public_id",
        ),
        lambda rows: rows.more["invitation"].public_id,
    ),
    "calls:public_id": lambda rows: rows.more["call"].public_id,
    "recipients:public_id": lambda rows: rows.offer.public_id,
    "recipients:slug": lambda _: "moi",
    "recipients:code": lambda rows: rows.more["skill"].code,
    "trainings:public_id": lambda rows: rows.training_session.public_id,
}

#: Endpoints, and whole blueprints, whose rows belong to no département: the catalogue and the
#: great projects are those of the Région, needs are counted by trade; a one-time link is the
#: right of whoever holds it.
SHARED_BY_ALL = frozenset(
    {
        "static",
        "accounts.choose_password",
        "accounts.choose_password_post",
        "doorstep",
        "recipients",
        "trainings",
        # An unknown number belongs to no département yet.
        "messages.claim",
        "enrolments.board",
        "enrolments.move_many",
        "enrolments.propose",
        "enrolments.say_scheme",
        "enrolments.sheet",
        "enrolments.save_sheet",
        "projects",
        "needs",
    }
)


def is_shared_by_all(endpoint: str) -> bool:
    """Whether everybody allowed on the endpoint reaches its rows, whatever the département."""
    return endpoint in SHARED_BY_ALL or endpoint.split(".")[0] in SHARED_BY_ALL


def arguments(endpoint: str, names: set[str], rows: Rows) -> dict[str, str]:
    """A value for each parameter of an endpoint's address."""
    blueprint = endpoint.split(".")[0]
    found = {}
    for name in names:
        keys = (f"{endpoint}:{name}", f"{blueprint}:{name}", f":{name}")
        fill = next((ARGUMENTS[key] for key in keys if key in ARGUMENTS), None)
        if fill is None:
            raise LookupError(
                f"say what fills <{name}> of {endpoint}: a line « {blueprint}:{name} » of"
                " ARGUMENTS in tests/support/samples.py"
            )
        found[name] = fill(rows)
    return found
