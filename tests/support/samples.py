"""One row of each thing that has an address, so that every endpoint can be called.

**To cover a new endpoint**: if its address holds a parameter, say here which row fills it: build
the row in ``one_of_each.py``, keep it in :class:`Rows`, name it in ``ARGUMENTS``. Then add its
line to ``tests/portal/role_matrix.csv``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import clock
from portal.accounts.links import make_token
from portal.doors.links import token_of
from portal.models import (
    Account,
    JobOffer,
    Organisation,
    Person,
    Referral,
    Role,
    TrainingSession,
)
from tests.support import one_of_each as one
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
    follows = {"person": person, "organisation": platform, "account": adviser}
    make.add(Referral(**follows, lead=False, start=clock.today()))
    offer = make.offer(adviser, place=place)
    hub = one.hub(make, accounts, person, place)
    make_trade(make, make_list(make, make_project(make)), position=1)
    accounts[Role.EMPLOYER].memberships[0].organisation.establishment_id = offer.establishment_id
    training_session = make.session_of_training(place=place)
    return Rows(
        accounts=accounts,
        platform=platform,
        person=person,
        offer=offer,
        training_session=training_session,
        more={
            **one.of_the_person(make, person, referent),
            **one.pathway(make, person, referent),
            **one.of_imports(make, accounts[Role.ADMIN], person),
            "introduction": one.introduction(make, person, offer, adviser),
            "immersion": one.immersion(make, person, offer, referent),
            "enrolment": one.enrolment(make, person, training_session, referent),
            **one.hire(make, person, offer, adviser),
            **hub,
            **one.calls(make, person, platform, hub["booking"]),
            **one.doors(make, person, offer),
            "need": one.need(make, platform, place),
            "message": one.message(make, person, referent),
            "sms": one.unknown_sms(make, person),
            "contestation": one.contestation(make, person),
        },
    )


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
    "people.remove_language:code": lambda rows: rows.more["language"].language_code,
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
