"""An occupation that a newer ROME drops: readable, flagged, and replaced once a human says so."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal import matchmaking as mm
from portal.access.actor import Actor
from portal.access.transitions import IllegalTransitionError
from portal.db import Database
from portal.imports.links import record_decision
from portal.imports.occupation_relinking import PARENT_SCORE
from portal.models import (
    Account,
    DomainEvent,
    ImportKind,
    Interest,
    JobOffer,
    LinkState,
    Occupation,
    OccupationLink,
    OccupationSkill,
    OccupationTitle,
    Person,
    ReferenceOrigin,
    Role,
    Skill,
    SkillLink,
    TitleKind,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import MARQUION, Factory
from tests.support.imports import figures, import_file
from tests.support.rome import MiniRome

Load = Callable[[MiniRome], tuple[int, int, int, int]]
OLD, NEW = "F1703", "F1799"
ROADS = "F1702"


def without_masons(version: str) -> MiniRome:
    """A version in which nothing bears the code of masons."""
    rome = MiniRome(version).add("rubrique_mobilite", ROADS, "J1501", "1")
    for stem in ("referentiel_code_rome", "referentiel_appellation", "coherence_item"):
        rome.without(stem, OLD)
    return rome.without("rubrique_mobilite", OLD)


def newer(version: str = "61") -> MiniRome:
    """Masons are now under another code, with the appellation they had."""
    rome = without_masons(version)
    rome.add("referentiel_code_rome", NEW, "9", "Ouvrier / Ouvrière du gros œuvre", "", NEW)
    rome.add("referentiel_appellation", "12", "Maçon / Maçonne", NEW)
    return rome.add("coherence_item", NEW, "101", "Principale")


@pytest.fixture
def load(any_database: Database, tmp_path: Path) -> Load:
    """Import a version; what it created, changed, left alone and rejected."""

    def run(rome: MiniRome) -> tuple[int, int, int, int]:
        folder = rome.folder(tmp_path / f"rome{len(list(tmp_path.iterdir()))}")
        return figures(import_file(any_database, ImportKind.ROME, folder))

    return run


@pytest.fixture
def both(any_database: Database, app: Flask) -> Iterator[Session]:
    """A session on each kind of database, in the portal's language."""
    with app.test_request_context("/"), any_database.session() as session:
        yield session


@pytest.fixture
def adviser(both: Session, load: Load) -> Account:
    """An adviser, once the first version is there."""
    load(MiniRome())
    account = Factory(both).account(Role.ADVISER)
    both.commit()
    return account


@pytest.fixture
def person(both: Session, adviser: Account) -> Person:
    """Someone who wants to be a mason, in the code of the first version."""
    row = Factory(both).person(referent=adviser, modes="car", place=MARQUION)
    both.add(Interest(person_id=row.id, occupation_code=OLD, liking=1))
    both.commit()
    return row


def decide(session: Session, account: Account, state: LinkState) -> None:
    links = session.scalars(select(OccupationLink.public_id)).all()
    actor = Actor(account, account.memberships[0])
    record_decision(session, actor, public_ids=links, state=state)
    session.commit()


def offer_in(session: Session, adviser: Account, code: str) -> JobOffer:
    offer = Factory(session).offer(adviser, occupation=session.get_one(Occupation, code))
    session.commit()
    return offer


def interest_in(session: Session, adviser: Account, offer: JobOffer) -> str:
    """What the offer's page says of the one person's interest."""
    view = mm.people_for_offer(session, Actor(adviser, adviser.memberships[0]), offer)
    (line,) = [line for group in view.groups for line in group.lines]
    return line.interest


def proposed(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    query = select(OccupationLink.occupation_code, OccupationLink.target_code)
    return [(code, to) for code, to in session.execute(query.order_by(OccupationLink.id))]


def test_it_stays_readable_flagged_and_the_nearest_is_proposed(
    both: Session, load: Load, person: Person
) -> None:
    load(newer())
    assert proposed(both) == [(OLD, NEW)]
    old = both.get_one(Occupation, OLD)
    assert (old.label, old.retired, old.replaced_by_code) == ("Maçon / Maçonne", True, None)
    assert both.get_one(Interest, (person.id, OLD)).liking == 1
    assert load(newer())[:2] == (0, 0)
    assert proposed(both) == [(OLD, NEW)]


def test_nothing_is_proposed_for_what_nobody_points_to(
    both: Session, load: Load, adviser: Account
) -> None:
    load(newer())
    assert both.get_one(Occupation, OLD).retired
    assert proposed(both) == []


def test_once_confirmed_an_interest_in_the_old_code_counts_for_the_new(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    load(newer())
    offer = offer_in(both, adviser, NEW)
    assert interest_in(both, adviser, offer) == "neutral"
    decide(both, adviser, LinkState.CONFIRMED)
    assert both.get_one(Occupation, OLD).replaced_by_code == NEW
    assert interest_in(both, adviser, offer) == "liked"
    event = both.scalars(select(DomainEvent).filter_by(subject_kind="occupation_link")).one()
    assert (event.from_state, event.to_state) == ("proposed", "confirmed")
    decide(both, adviser, LinkState.REFUSED)
    assert both.get_one(Occupation, OLD).replaced_by_code is None
    assert interest_in(both, adviser, offer) == "neutral"


def test_an_offer_in_the_old_code_counts_for_an_interest_in_the_new(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    offer = offer_in(both, adviser, OLD)
    load(newer())
    both.delete(both.get_one(Interest, (person.id, OLD)))
    both.add(Interest(person_id=person.id, occupation_code=NEW, liking=1))
    both.commit()
    assert interest_in(both, adviser, offer) == "neutral"
    decide(both, adviser, LinkState.CONFIRMED)
    assert interest_in(both, adviser, offer) == "liked"


def test_what_was_said_of_the_new_code_stands_over_the_old(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    both.get_one(Interest, (person.id, OLD)).liking = -1
    both.commit()
    load(newer())
    offer = offer_in(both, adviser, NEW)
    decide(both, adviser, LinkState.CONFIRMED)
    assert interest_in(both, adviser, offer) == "disliked"
    both.add(Interest(person_id=person.id, occupation_code=NEW, liking=1))
    both.commit()
    assert interest_in(both, adviser, offer) == "liked"


def test_a_project_that_counts_the_old_code_asks_what_the_new_one_asks(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    load(newer())
    decide(both, adviser, LinkState.CONFIRMED)
    both.get_one(OccupationSkill, (NEW, "101")).usual_kind = "day_one"
    Factory(both).knows(person, both.get_one(Skill, "101"), 0)
    both.commit()
    today = clock.today()
    counts = mm.readiness_by_occupation(
        both,
        occupation_codes=[OLD, NEW],
        commune_code=person.commune_code or "",
        dates=[today],
        departement_code=None,
    )
    assert counts[OLD] == counts[NEW]
    assert counts[OLD][today].ready == 0  # an occupation that asks nothing would count everybody


def test_the_occupation_it_was_attached_to_is_proposed_when_no_word_is_near(
    both: Session, load: Load, person: Person
) -> None:
    both.get_one(Occupation, OLD).parent_code = ROADS
    both.commit()
    load(without_masons("61"))
    link = both.scalars(select(OccupationLink)).one()
    assert (link.occupation_code, link.target_code, link.score) == (OLD, ROADS, PARENT_SCORE)


def test_a_refused_proposal_is_not_made_again(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    load(newer())
    decide(both, adviser, LinkState.REFUSED)
    load(newer("62"))
    assert both.scalars(select(OccupationLink.state)).all() == [LinkState.REFUSED]


def test_one_that_comes_back_stands_for_itself_again(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    load(newer())
    decide(both, adviser, LinkState.CONFIRMED)
    load(newer("62").add("referentiel_code_rome", OLD, "2", "Maçon / Maçonne", "", OLD))
    both.expire_all()
    assert interest_in(both, adviser, offer_in(both, adviser, OLD)) == "liked"
    other = offer_in(both, adviser, NEW)
    assert interest_in(both, adviser, other) == "neutral"


def test_a_replacement_retired_in_its_turn_is_asked_again(
    both: Session, load: Load, adviser: Account, person: Person
) -> None:
    load(newer())
    decide(both, adviser, LinkState.CONFIRMED)
    latest = newer("62").without("referentiel_code_rome", NEW).without("coherence_item", NEW)
    latest.without("referentiel_appellation", NEW)
    latest.add("referentiel_code_rome", "F1800", "9", "Maçon / Maçonne", "", "F1800")
    load(latest)
    assert proposed(both) == [(OLD, NEW), (OLD, "F1800")]
    with pytest.raises(IllegalTransitionError, match="autre lien confirmé"):
        decide(both, adviser, LinkState.CONFIRMED)


def test_a_retired_occupation_is_never_found_by_its_names(
    both: Session, load: Load, person: Person
) -> None:
    both.add(
        OccupationTitle(
            occupation_code=OLD,
            title="Briqueteur",
            kind=TitleKind.EVERYDAY,
            origin=ReferenceOrigin.STARTER,
        )
    )
    both.commit()
    assert [match.code for match in mm.resolve_occupations(both, "briqueteur")] == [OLD]
    load(newer())
    both.expire_all()
    assert mm.resolve_occupations(both, "briqueteur") == []
    assert mm.resolve_occupations(both, "maçon")[0].code == NEW


@pytest.fixture
def links(make: Factory, session: Session) -> list[OccupationLink | SkillLink]:
    """A proposed link of each kind."""
    make.occupation(OLD, "Maçon / Maçonne").retired = True
    make.occupation(NEW, "Ouvrier / Ouvrière du gros œuvre")
    make.skill("tp.1")
    make.skill("101", label="Du ROME")
    found = [
        make.add(OccupationLink(occupation_code=OLD, target_code=NEW, score=PARENT_SCORE)),
        make.add(SkillLink(skill_code="tp.1", target_code="101", score=100.0)),
    ]
    session.commit()
    return found


def test_both_kinds_are_decided_on_one_screen(
    client: CheckingClient, session: Session, make: Factory, links: list[OccupationLink | SkillLink]
) -> None:
    admin = make.account(Role.ADMIN)
    session.commit()
    screen = sign_in(client, session, admin)
    assert "Liens du ROME à confirmer" in screen.get("/").get_data(as_text=True)
    page = screen.get("/imports/liens").get_data(as_text=True)
    for words in ("Métier retiré", "Maçon / Maçonne", "Même famille de métiers", "Du ROME"):
        assert words in page
    data = {"links": [link.public_id for link in links], "decision": "confirmed"}
    assert screen.post("/imports/liens", data=data).status_code == 302
    session.expire_all()
    assert session.get_one(Occupation, OLD).replaced_by_code == NEW
    assert session.get_one(Skill, "tp.1").same_as_code == "101"
    assert "Aucun lien ici" in screen.get("/imports/liens").get_data(as_text=True)
    assert "Liens du ROME à confirmer" not in screen.get("/").get_data(as_text=True)
