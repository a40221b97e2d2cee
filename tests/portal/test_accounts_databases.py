"""Accounts and the access log on SQLite and on PostgreSQL alike."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from portal.access.actor import Actor
from portal.accounts.queries import (
    AccountFilters,
    count_followed,
    list_accounts,
    list_colleagues,
)
from portal.accounts.throttle import PER_ACCOUNT_AND_ADDRESS, Attempts, TooManyAttemptsError
from portal.db import Database
from portal.models import AccessKind, AccessLog, Role
from portal.transparency.queries import LogFilters, list_accesses
from tests.support.factories import Factory


def test_failures_are_counted_and_make_wait(any_database: Database) -> None:
    attempts = Attempts(any_database, "a key")
    for _ in range(PER_ACCOUNT_AND_ADDRESS):
        attempts.begin(email="camille@exemple.test", address="192.0.2.7")
    with pytest.raises(TooManyAttemptsError):
        attempts.begin(email="CAMILLE@exemple.test ", address="192.0.2.7")
    attempts.begin(email="camille@exemple.test", address="192.0.2.8")


def test_a_burst_of_parallel_guesses_does_not_pass_under_the_limit(
    any_database: Database,
) -> None:
    attempts = Attempts(any_database, "a key")

    def guess(_: int) -> bool:
        try:
            attempts.begin(email="camille@exemple.test", address="192.0.2.7")
        except TooManyAttemptsError:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        looked_at = sum(pool.map(guess, range(40)))
    assert looked_at <= PER_ACCOUNT_AND_ADDRESS


def test_lists_of_accounts_and_of_reads(any_database: Database) -> None:
    with any_database.session() as session:
        make = Factory(session)
        admin, officer, referent = (
            make.account(role) for role in (Role.ADMIN, Role.DPO, Role.REFERENT)
        )
        colleague = make.account(Role.REFERENT, referent.memberships[0].organisation)
        person = make.person(referent=referent)
        make.add(
            AccessLog(
                account_id=referent.id,
                organisation_id=referent.memberships[0].organisation_id,
                person_id=person.id,
                kind=AccessKind.FILE,
                endpoint="people.show",
            )
        )
        by_admin = Actor(admin, admin.memberships[0])
        by_officer = Actor(officer, officer.memberships[0])
        found = list_accounts(session, by_admin, AccountFilters(text="camille", role=Role.REFERENT))
        assert {account.id for account in found.rows} == {referent.id, colleague.id}
        place = referent.memberships[0].organisation_id
        assert count_followed(session, referent) == {place: 1}
        assert [account.id for account in list_colleagues(session, referent, place)] == [
            colleague.id
        ]
        reads = list_accesses(session, by_officer, LogFilters(reader=referent.email))
        assert [line.person_id for line in reads.rows] == [person.public_id]
