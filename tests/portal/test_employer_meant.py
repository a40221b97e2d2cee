"""Which employer is meant: one reading for offers, hires and promises to hubs."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.access.actor import Actor
from portal.offers.employers import NEW, find_employer, read_employer
from tests.support.factories import Factory

KNOWN, OTHER = "73282932000074", "44306184100047"


@pytest.mark.parametrize(
    ("siret", "typed", "asks", "is_new", "description"),
    [
        (None, "Dubois", False, False, "the very name, legal form aside"),
        (None, "Dubois Terrassement", True, False, "a name that is near"),
        (None, f"Dubois {KNOWN}", True, False, "perhaps the one noted without its SIRET"),
        (OTHER, f"Dubois {KNOWN}", False, True, "another establishment of the same name"),
        (KNOWN, f"Autrement dit {KNOWN}", False, False, "the SIRET says which"),
        (None, "Menuiserie Lefèvre", False, True, "a name that nobody has"),
    ],
)
def test_one_asks_only_where_there_is_a_doubt(
    app: Flask,
    make: Factory,
    session: Session,
    siret: str | None,
    typed: str,
    asks: bool,
    is_new: bool,
    description: str,
) -> None:
    row = make.establishment(name="SARL Dubois", siret=siret)
    session.flush()
    with app.test_request_context("/"):
        meant = read_employer(session, typed)
        assert bool(meant.problem) is asks, description
        assert meant.is_new is is_new, description
        assert meant.row in (None, row), description
        if asks:
            assert read_employer(session, typed, chosen=row.public_id).row is row
            assert read_employer(session, typed, chosen=NEW).is_new


def test_one_chosen_for_a_siret_keeps_it_and_is_asked_about_no_more(
    app: Flask, make: Factory, session: Session
) -> None:
    row, typed = make.establishment(name="SARL Dubois", siret=None), f"Dubois {KNOWN}"
    account = make.account()
    session.flush()
    actor = Actor(account, account.memberships[0])
    with app.test_request_context("/"):
        assert find_employer(session, actor, typed).row is None
        assert row.siret is None
        assert find_employer(session, actor, typed, chosen=row.public_id).row is row
        assert find_employer(session, actor, typed).row is row
        # Nothing typed takes away the number that one has, and no number typed is lost: one asks.
        doubt = find_employer(session, actor, f"Dubois {OTHER}", chosen=row.public_id)
        assert doubt.row is None
        assert "SIRET" in doubt.problem
        assert doubt.alike == [row]
        assert row.siret == KNOWN
