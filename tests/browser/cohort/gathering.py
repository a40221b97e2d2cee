"""From a draft to people kept: promises, invitations, answers, a meeting, decisions."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from portal import clock
from portal.hubs import candidates
from portal.models import (
    AgreementChannel,
    MembershipState,
)
from tests.browser.cohort.journey import (
    ORGANISER,
    REFERENT,
    Journey,
    actor_of,
    day,
    labelled,
    members,
    said,
    tap,
)

TITLE = "Maçons VRD, essai"
SEATS = 2


# Draft and promises ----------------------------------------------------------------------------


def create_the_draft(at: Journey) -> None:
    """The trade in one's own words, the seats, then a session that the catalogue has not."""
    page = at.hub.page
    at.hub.go("/hubs")
    page.get_by_role("button", name="Créer une cohorte").click()
    page.get_by_label("Métier").press_sequentially("maçon VRD")
    page.get_by_role("radio", name=re.compile("voiries")).first.check()
    at.hub.check_accessibility()
    labelled(page, "Nom de la cohorte").fill(TITLE)
    labelled(page, "Places").fill(str(SEATS))
    labelled(page, "Seuil d’ouverture").fill(str(SEATS))
    page.get_by_role("button", name="Créer la cohorte").click()
    at.cohort = page.url.split("/hubs/")[1].split("/")[0]
    at.hub.check_accessibility()
    labelled(page, "Organisme de formation").select_option(label=organiser_name(at))
    labelled(page, "Premier jour").fill(day(70))
    labelled(page, "Dernier jour").fill(day(140))
    labelled(page, "Lieu").fill("Marquion")
    page.get_by_role("button", name="Saisir cette session").click()
    expect(page).to_have_url(re.compile("/dates$"))
    at.hub.check_accessibility()


def organiser_name(at: Journey) -> str:
    """The training organisation of the demonstration."""
    with at.database.transaction() as session:
        return actor_of(session, ORGANISER).organisation.name


def promise(at: Journey, firm: str, jobs: int) -> None:
    """Note what an employer promises; firms that look alike are chosen in a list."""
    page = at.hub.page
    at.open(at.hub, "/engagements")
    labelled(page, "Entreprise").fill(firm)
    labelled(page, "Postes promis").fill(str(jobs))
    labelled(page, "Contrat").select_option("cdd")
    labelled(page, "Durée (mois)").fill("12")
    labelled(page, "Tuteur dans l’entreprise").fill("M. Ferlin")
    page.get_by_role("button", name="Noter l’engagement").click()
    choice = page.get_by_role("radio", name=firm)
    if choice.count():
        choice.first.check()
        page.get_by_role("button", name="Noter l’engagement").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(firm)


def confirm_and_host(at: Journey) -> None:
    """The employer whose page is open takes people in immersion, and confirms."""
    page = at.hub.page
    at.hub.check_accessibility()
    waves = page.get_by_role("region", name="Places d’immersion")
    labelled(waves, "Vague").fill("1")
    labelled(waves, "Du").fill(day(20))
    labelled(waves, "Au").fill(day(31))
    labelled(waves, "Places").fill("2")
    waves.get_by_role("button", name="Enregistrer la vague").click()
    said(at.hub, "Vague 1")
    page.get_by_role("button", name="L’employeur confirme").click()
    expect(page.get_by_role("table")).to_contain_text("Confirmé")


def open_the_cohort(at: Journey) -> None:
    """Refused with one job for two seats (T-HUB-01); open with two."""
    promise(at, "Terrassements de la Sensée", 1)
    at.hub.check_accessibility()
    at.open(at.hub)
    at.hub.page.get_by_role("button", name=re.compile("Passer à .*ouverte")).click()
    said(at.hub, "Il en manque 1")
    promise(at, "Voiries Artésiennes Réunies", 1)
    confirm_and_host(at)
    at.advance("ouverte")
    at.hub.check_accessibility()


# Sourcing --------------------------------------------------------------------------------------


def plan_the_invitations(at: Journey) -> None:
    """How many to invite, and what is asked of each prescriber."""
    page = at.hub.page
    at.open(at.hub, "/invitations")
    said(at.hub, "Pour 2 places, invitez")
    page.get_by_role("button", name="Fixer les objectifs").click()
    said(at.hub, "Objectifs")


def propose_people(at: Journey) -> None:
    """The referent proposes five people of theirs; names follow to the board."""
    page = at.referent.page
    at.open(at.referent, "/personnes")
    for band in page.locator("details.band").all():
        if band.get_attribute("open") is None:
            band.locator("summary").first.click()
    boxes = page.get_by_role("checkbox", name=re.compile("^Proposer"))
    for number in range(5):
        boxes.nth(number).check()
    page.get_by_role("button", name="Proposer les personnes cochées").click()
    said(at.referent, "5.personnes proposées")
    at.referent.check_accessibility()
    mine = page.get_by_role("region", name="Vos personnes dans cette cohorte")
    at.names = mine.get_by_role("strong").all_inner_texts()
    assert len(at.names) == 5


def collect_answers(at: Journey) -> None:
    """Told, then « oui » of one and « pas pour elle » of another; the others alike."""
    page = at.referent.page
    at.open(at.referent, "/personnes")
    page.get_by_role("button", name=re.compile("Noter : prévenue")).first.click()
    said(at.referent, "la personne est prévenue")
    answer_link(at, at.names[0]).click()
    at.referent.check_accessibility()
    tap(page.get_by_role("radio", name="Oui, cela l’intéresse"))
    tap(page.get_by_role("radio", name="au téléphone"))
    page.get_by_role("button", name="Enregistrer la réponse").click()
    answer_link(at, at.names[4]).click()
    tap(page.get_by_role("radio", name="Pas pour elle"))
    tap(page.get_by_role("radio", name="au téléphone"))
    page.get_by_role("button", name="Enregistrer la réponse").click()
    said(at.referent, "Choisissez une raison")
    labelled(page, "Raison").select_option(label="trajet trop long")
    labelled(page, "Ce qui suit pour la personne").fill("Chercher une session à Lens.")
    labelled(page, "Qui s’en charge").select_option(index=1)
    page.get_by_role("button", name="Enregistrer la réponse").click()
    assert at.state_of(at.names[4]) is not MembershipState.SOURCED
    # Two more answers, on the same form: the feature's own function.
    with at.database.transaction() as session:
        for row in members(session, at, at.names[1:4]):
            candidates.record_yes(
                session,
                actor_of(session, REFERENT),
                membership=row,
                channel=AgreementChannel.PHONE,
                on=clock.today(),
            )


def answer_link(at: Journey, name: str) -> Locator:
    """The link that notes the answer of somebody."""
    return at.referent.page.get_by_role("button", name=f"Noter sa réponse {name}")


# Information and selection ---------------------------------------------------------------------


def hold_a_meeting(at: Journey) -> None:
    """Four invited, four slots taken, three there, one absent."""
    page, (one, two, three, four) = at.hub.page, at.names[:4]
    at.advance("information")
    at.open(at.hub, "/reunions")
    labelled(page, "Date").fill(day(0))
    labelled(page, "Début").fill("09:30")
    labelled(page, "Lieu").fill("Mairie de Marquion")
    page.get_by_role("button", name="Ajouter la réunion").click()
    page.get_by_role("button", name="Inviter", exact=True).click()
    at.hub.check_accessibility()
    # Whoever follows the people says which slot they take.
    at.open(at.referent, "/reunions")
    for name in (one, two, three, four):
        at.referent.page.get_by_role("button", name=f"Prend ce créneau {name}").click()
    at.referent.check_accessibility()
    at.open(at.hub, "/reunions")
    for name in (one, two, three):
        page.get_by_role("button", name=f"{name} : est là").click()
        expect(page.get_by_role("button", name=f"{name} : présente")).to_be_visible()
    page.get_by_role("button", name="Clore les présences").click()
    said(at.hub, "présences closes")
    assert at.state_of(four) is MembershipState.ABSENT


def select_people(at: Journey) -> None:
    """Exercise and motivation noted, then decided: two are kept, one waits."""
    page = at.hub.page
    at.advance("sélection")
    for name, decision in zip(at.names[:3], ("retenue", "retenue", "en attente"), strict=True):
        at.open(at.hub, "/selection")
        page.get_by_role("link", name=name).click()
        labelled(page, "Exercice de mise en situation").fill("Tire un cordeau, seule.")
        page.get_by_role("button", name="Enregistrer les notes").click()
        expect(labelled(page, "Exercice de mise en situation")).to_have_value(re.compile("cordeau"))
        tap(page.get_by_role("radio", name=decision, exact=True))
        at.hub.check_accessibility()
        page.get_by_role("button", name="Enregistrer la décision").click()
    at.hub.check_accessibility()
    expect(page.get_by_role("region", name="En attente, dans l’ordre")).to_contain_text("rang 1")
