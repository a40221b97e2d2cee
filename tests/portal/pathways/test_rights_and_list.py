"""Who may open a pathway, and the list of a portfolio."""

from __future__ import annotations

import pytest
from itsdangerous import TimestampSigner
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    AccessKind,
    AccessLog,
    AgreementChannel,
    Introduction,
    IntroductionState,
    Pathway,
    PathwayState,
    PathwayStep,
    Person,
    Role,
    StepKind,
)
from tests.support.client import CheckingClient, client_for, sign_in
from tests.support.factories import Factory
from tests.support.pathways import TRAINED, PathwayScene, composer, day, text
from tests.support.queries import count_queries

# Who may ----------------------------------------------------------------------------------


def test_people_of_others_are_not_found_and_the_refusal_is_logged(
    client: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("agreed", TRAINED)
    stranger = scene.make.account(Role.REFERENT)
    other = sign_in(client, session, stranger)
    for url in (
        composer(scene),
        f"/personnes/{scene.person.public_id}/parcours",
        f"/parcours/{pathway.public_id}",
        f"/parcours/{pathway.public_id}/imprimer",
    ):
        assert other.get(url).status_code == 404, url
    assert other.post(f"/parcours/{pathway.public_id}/avancer").status_code == 404
    refused = session.scalars(
        select(AccessLog).where(
            AccessLog.account_id == stranger.id, AccessLog.kind == AccessKind.REFUSED
        )
    ).all()
    assert [row.person_id for row in refused] == [scene.person.id] * 5


def test_who_reads_a_file_reads_the_pathway_and_changes_nothing(
    client: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    """The adviser on whose offer the person was introduced."""
    scene.training()
    pathway = build("agreed", TRAINED)
    scene.make.add(
        Introduction(
            person_id=scene.person.id,
            offer_id=scene.offer.id,
            organisation_id=scene.offer.organisation_id,
            state=IntroductionState.AGREED,
            agreed_at=clock.now(),
        )
    )
    adviser = sign_in(client, session, scene.adviser)
    page = text(adviser.get(f"/parcours/{pathway.public_id}"))
    assert "Commencer" not in page
    assert "Modifier" not in page
    assert "Proposer ce parcours" not in text(adviser.get(composer(scene)))
    url = f"/parcours/{pathway.public_id}"
    assert adviser.post(f"{url}/avancer", data={"action": "commencer"}).status_code == 403
    assert adviser.get(f"{url}/etapes/ajouter").status_code == 403
    assert adviser.post(composer(scene), data={"scenario": "fast"}).status_code == 403


def test_reading_a_pathway_is_in_the_access_log(
    mine: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    scene.training()
    pathway = build("proposed", TRAINED)
    mine.get(f"/parcours/{pathway.public_id}")
    row = session.scalars(select(AccessLog)).one()
    assert (row.person_id, row.kind, row.context) == (
        scene.person.id,
        AccessKind.FILE,
        "parcours",
    )


def test_a_name_kept_from_partners_is_on_no_page_of_theirs(
    app, client: CheckingClient, scene: PathwayScene, session: Session, build
) -> None:
    """Composed by those who know the employer, read by those who may not."""
    scene.offer.establishment.name = "Terrassements Secrets"
    scene.training()
    pathway = build("proposed", TRAINED)
    partner = sign_in(client, session, scene.referent)
    urls = (f"/parcours/{pathway.public_id}", f"/parcours/{pathway.public_id}/imprimer")
    assert all("Terrassements Secrets" not in text(partner.get(url)) for url in urls)
    scene.offer.title, scene.offer.shared_at = "Poste très reconnaissable", None
    session.commit()
    for url in (*urls, "/parcours?etat=tous", f"/personnes/{scene.person.public_id}/parcours"):
        page = text(partner.get(url))
        assert "Poste très reconnaissable" not in page, url
        assert "Constructeur de routes" in page, url


# The list of a portfolio ------------------------------------------------------------------


def listed(make: Factory, scene: PathwayScene, person: Person, start: int) -> Pathway:
    row: Pathway = make.add(
        Pathway(
            person=person,
            goal_offer=scene.offer,
            scenario="fast",
            state=PathwayState.IN_PROGRESS,
            agreed_at=clock.now(),
            agreed_channel=AgreementChannel.PHONE,
            hire_on=day(80),
            steps=[
                PathwayStep(
                    position=0,
                    kind=StepKind.BARRIER,
                    title="Lever : Logement",
                    start=day(start),
                    end=day(start),
                )
            ],
        )
    )
    return row


def test_the_list_shows_the_next_date_first_and_names_no_barrier(
    mine: CheckingClient, scene: PathwayScene, make: Factory, session: Session
) -> None:
    soon = listed(make, scene, scene.person, -2)
    colleague = make.account(Role.REFERENT, scene.referent.memberships[0].organisation)
    later = listed(make, scene, scene.new_person(colleague), 12)
    session.commit()
    page = text(mine.get("/parcours"))
    assert soon.public_id in page
    assert later.public_id not in page
    assert "date passée" in page
    assert "Logement" not in page
    page = text(mine.get("/parcours?personnes=structure"))
    assert page.index(soon.public_id) < page.index(later.public_id)
    late = text(mine.get("/parcours?personnes=structure&retard=1"))
    assert soon.public_id in late
    assert later.public_id not in late
    assert "Aucun parcours ici" in text(mine.get("/parcours?etat=termines"))


def test_strange_filters_are_the_usual_ones(
    mine: CheckingClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The token of the forms bears its second: both pages are of the same one.
    second = TimestampSigner("any").get_timestamp()
    monkeypatch.setattr(TimestampSigner, "get_timestamp", lambda _: second)
    usual = text(mine.get("/parcours"))
    assert text(mine.get("/parcours?etat=x&personnes=%01&retard=oui&page=-3")) == usual


def test_the_fragment_of_the_list_is_that_of_the_page(
    mine: CheckingClient, scene: PathwayScene, make: Factory, session: Session
) -> None:
    listed(make, scene, scene.person, 3)
    session.commit()
    fragment = text(mine.get("/parcours?etat=tous", hx=True))
    assert fragment in text(mine.get("/parcours?etat=tous"))


def test_the_number_of_queries_does_not_grow_with_the_rows(
    app,
    mine: CheckingClient,
    scene: PathwayScene,
    make: Factory,
    session: Session,
    database: Database,
) -> None:
    listed(make, scene, scene.person, 3)
    session.commit()
    mine.get("/parcours")
    with count_queries(database.engine) as few:
        mine.get("/parcours")
    for number in range(12):
        listed(make, scene, scene.new_person(), number)
    session.commit()
    with count_queries(database.engine) as many:
        mine.get("/parcours")
    assert many.count == few.count


def test_an_anonymous_visitor_signs_in_first(app, scene: PathwayScene, session: Session) -> None:
    session.commit()
    response = client_for(app).get(composer(scene))
    assert response.location.startswith("/compte/connexion")
