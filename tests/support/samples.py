"""One row of each thing that has an address, so that every endpoint can be called.

**To cover a new endpoint**: if its address holds a parameter, say here which row fills it: build
the row in :func:`build_rows`, keep it in :class:`Rows`, name it in ``ARGUMENTS``. Then add its
line to ``tests/portal/role_matrix.csv``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from portal import clock
from portal.accounts.links import make_token
from portal.models import Account, JobOffer, Organisation, Person, Referral, Role, TrainingSession
from tests.support.factories import ARRAS, CAMBRAI, Factory

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
    return Rows(
        accounts=accounts,
        platform=platform,
        person=person,
        offer=make.offer(adviser, place=place),
        training_session=make.session_of_training(place=place),
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
    "account_admin:public_id": lambda rows: rows.accounts[Role.HUB].public_id,
    "account_admin:place_id": lambda rows: rows.accounts[Role.HUB].memberships[0].public_id,
    "people:public_id": lambda rows: rows.person.public_id,
    "people:offer_id": lambda rows: rows.offer.public_id,
    "offers:public_id": lambda rows: rows.offer.public_id,
    "offers:person_id": lambda rows: rows.person.public_id,
    "trainings:public_id": lambda rows: rows.training_session.public_id,
}

#: Endpoints whose row is nobody's: everybody allowed may read it, whatever the département.
SHARED_BY_ALL = frozenset({"static", "accounts.choose_password", "accounts.choose_password_post"})


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
