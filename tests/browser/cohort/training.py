"""From people kept to hires: immersions, seats, the training, the jobs."""

from __future__ import annotations

import re
from datetime import timedelta

from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.enrolments import actions as enrolments
from portal.models import (
    AgreementChannel,
    Cohort,
    Enrollment,
    EnrollmentState,
    MembershipState,
    TrainingSession,
)
from tests.browser.cohort.journey import (
    REFERENT,
    Journey,
    actor_of,
    card,
    day,
    labelled,
    members,
    move_together,
    press,
    said,
    tap,
    unfold,
)

# Immersion and preparation ---------------------------------------------------------------------


def place_in_immersion(at: Journey) -> None:
    """The proposed places, and a convention prepared from one of them."""
    page = at.hub.page
    at.advance("immersion")
    at.open(at.hub, "/affectation/immersion")
    expect(page.get_by_role("table")).to_contain_text("Voiries Artésiennes Réunies, vague 1")
    at.hub.check_accessibility()
    page.get_by_role("link", name=re.compile("Préparer l’immersion")).first.click()
    expect(labelled(page, "Entreprise")).to_have_value(re.compile("Voiries Artésiennes Réunies"))
    expect(labelled(page, "Du")).to_have_value(day(20))
    at.hub.check_accessibility()


def move_on_the_board(at: Journey) -> None:
    """One by the keyboard, then both at once, until ready; an illegal move is not offered."""
    page, (one, two) = at.hub.page, at.names[:2]
    at.open(at.hub)
    for name in (one, two):
        press(at, name, "immersion prévue")
    press(at, one, "immersion faite")
    press(at, two, "immersion faite")
    at.advance("préparation")
    move_together(at, "en préparation", (one, two))
    move_together(at, "prête", (one, two))
    at.hub.check_accessibility()
    expect(page.get_by_role("button", name=re.compile(rf"en formation\s:\s{one}"))).to_have_count(0)


# Seats, training and certification -------------------------------------------------------------


def position_in_the_session(at: Journey) -> None:
    """The referent proposes and positions; the organisation admits."""
    page = at.referent.page
    with at.database.transaction() as session:
        cohort = session.scalars(select(Cohort).where(Cohort.public_id == at.cohort)).one()
        assert cohort.session is not None
        at.session = cohort.session.public_id
        people = [row.person for row in members(session, at, at.names[:2])]
        whole = [person.full_name for person in people]
    for name in whole:
        at.referent.go(f"/formations/{at.session}/positionnements?personne={name}")
        page.get_by_role("button", name="Proposer la session").click()
        said(at.referent, "proposé")
    at.referent.check_accessibility()
    page.get_by_role("link", name=re.compile("^Ouvrir")).first.click()
    tap(page.get_by_role("radio", name="en rendez-vous"))
    page.get_by_role("button", name="Noter l’accord").click()
    at.referent.check_accessibility()
    page.get_by_role("button", name="Positionner").click()
    said(at.referent, "Positionnement noté")
    position_the_others(at)
    admit(at)


def position_the_others(at: Journey) -> None:
    """The same forms again: the feature's own functions."""
    with at.database.transaction() as session:
        for row in seats(session, at):
            if row.state is EnrollmentState.PROPOSED:
                enrolments.record_agreement(
                    session,
                    actor_of(session, REFERENT),
                    enrolment=row,
                    channel=AgreementChannel.PHONE,
                    on=clock.today(),
                )
                enrolments.position(session, actor_of(session, REFERENT), enrolment=row)


def admit(at: Journey) -> None:
    """The organisation invites, notes who came, and gives the seats, everybody at once."""
    board = f"/formations/{at.session}/positionnements"
    for step in ("Inviter à l’information", "Noter la présence", "Veut entrer", "Admettre"):
        at.organiser.go(board)
        for box in at.organiser.page.get_by_role("checkbox").all():
            box.check()
        at.organiser.page.get_by_role("button", name=step, exact=True).click()
    at.organiser.check_accessibility()
    with at.database.transaction() as session:
        assert {row.state for row in seats(session, at)} == {EnrollmentState.ADMITTED}


def give_the_seats(at: Journey) -> None:
    """The hub admits those who are ready: its figures say it."""
    at.open(at.hub)
    move_together(at, "admise", tuple(at.names[:2]))
    expect(at.hub.page.get_by_label("Où en est la cohorte")).to_contain_text("2/2 admises")
    at.hub.check_accessibility()


def seats(session: Session, at: Journey) -> list[Enrollment]:
    """The positionings of the session."""
    query = select(Enrollment).join(TrainingSession).where(TrainingSession.public_id == at.session)
    return list(session.scalars(query.order_by(Enrollment.id)))


def train(at: Journey) -> None:
    """The first day comes: entry, a week of presence, a block of the certification."""
    page, board = at.organiser.page, f"/formations/{at.session}/positionnements"
    # Eleven weeks go by: no browser waits for them.
    with at.database.transaction() as session:
        query = select(TrainingSession).where(TrainingSession.public_id == at.session)
        row = session.scalars(query).one()
        row.start, row.end = clock.today() - timedelta(days=7), clock.today() + timedelta(days=63)
    at.organiser.go(board)
    for box in page.get_by_role("checkbox").all():
        box.check()
    unfold(page, "Déclarer l’entrée")
    labelled(page, "Le").fill(day(-1))
    page.get_by_role("button", name="Déclarer l’entrée").click()
    at.advance("formation")
    move_together(at, "en formation", tuple(at.names[:2]))
    page.get_by_role("link", name="Noter les présences de la semaine").click()
    for name in at.names[:2]:
        page.get_by_label(f"Présences de {name}").fill("8")
    at.organiser.check_accessibility()
    page.get_by_role("button", name="Enregistrer la semaine").click()
    page.get_by_role("link", name=at.names[0]).click()
    unfold(page, "Noter un bloc de certification")
    labelled(page, "Bloc").fill("Poser des bordures")
    tap(page.get_by_role("radio", name="Obtenu"))
    page.get_by_role("button", name="Enregistrer le bloc").click()
    said(at.organiser, "Poser des bordures")
    at.organiser.check_accessibility()


def certify(at: Journey) -> None:
    """The last day: the training is over, and the whole certification is obtained."""
    page = at.organiser.page
    at.organiser.go(f"/formations/{at.session}/positionnements")
    page.get_by_role("link", name=f"Ouvrir le positionnement de {at.names[0]}").click()
    unfold(page, "Formation terminée")
    page.get_by_role("button", name="Formation terminée").click()
    unfold(page, "Certification entière obtenue")
    page.get_by_label(re.compile("^La certification entière est obtenue")).check()
    page.get_by_role("button", name="Enregistrer la certification").click()
    said(at.organiser, "certifi")
    at.organiser.check_accessibility()
    with at.database.transaction() as session:
        assert EnrollmentState.COMPLETED in {row.state for row in seats(session, at)}


# Jobs ------------------------------------------------------------------------------------------


def promise_the_jobs(at: Journey) -> None:
    """Before the end, each person has a job: what is proposed is kept by the coordinator."""
    page = at.hub.page
    at.open(at.hub, "/affectation/job")
    at.hub.check_accessibility()
    page.get_by_role("button", name="Retenir les lignes cochées").click()
    expect(page.get_by_role("region", name=re.compile("Postes attribués"))).to_contain_text(
        at.names[0]
    )


def hire(at: Journey) -> None:
    """Certified, then hired on the promised job; news will be taken."""
    page, name = at.hub.page, at.names[0]
    at.open(at.hub)
    press(at, name, "formation terminée")
    at.advance("embauche")
    card(at, name).get_by_role("button", name=re.compile("Enregistrer l’embauche")).click()
    at.hub.check_accessibility()
    labelled(page, "Heures par semaine").fill("35")
    page.get_by_role("button", name="Enregistrer l’embauche").click()
    said(at.hub, "Nouvelles")
    assert page.get_by_role("region", name="Nouvelles").get_by_role("heading", level=3).count() >= 4
    at.hub.check_accessibility()
    assert at.state_of(name) is MembershipState.HIRED
    at.hub.go("/embauches")
    expect(page.get_by_role("main")).to_contain_text(name)
