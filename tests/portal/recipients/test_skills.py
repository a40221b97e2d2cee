"""« Ce que je sais faire »: answers are facts declared, what is not known stays unknown."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import matchmaking as mm
from portal.access.offers import may_be_shown_to
from portal.db import Database
from portal.facts import facts_of_person
from portal.models import (
    AccessLog,
    Account,
    AssertionSource,
    Confidentiality,
    Interest,
    JobOffer,
    Person,
    Role,
    Skill,
    SkillAssertion,
)
from portal.recipients.gestures import all_gestures
from portal.recipients.skills import list_said, next_gesture
from tests.support.client import CheckingClient, sign_in
from tests.support.doors import enter
from tests.support.factories import ARRAS, Factory
from tests.support.queries import count_queries

PAGE, SAID = "/moi/savoir-faire", "/moi/savoir-faire/dit"
COUNT, PLAN, FORM = "commun.base.compter", "commun.base.plan_simple", "commun.base.fiche"
DIG, PIPE = "tp.terrassement.creuser", "tp.reseaux.tuyaux"
EVERYDAY = (COUNT, PLAN, FORM, "commun.base.ordinateur", "commun.etre.equipe", "commun.etre.dehors")


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    for code in EVERYDAY:
        make.skill(code)
    return make.person(referent=referent)


@pytest.fixture
def inside(
    client: CheckingClient, database: Database, session: Session, person: Person
) -> CheckingClient:
    """The person's own browser."""
    session.commit()
    enter(client, database, person)
    return client


def rows(session: Session, person: Person) -> list[SkillAssertion]:
    session.expire_all()
    return list(session.scalars(select(SkillAssertion).filter_by(person_id=person.id)))


def sentence(code: str) -> str:
    return all_gestures()[code].falc


def answer(client: CheckingClient, code: str, said: str, done: int = 0, *, hx: bool = False):
    return client.post(PAGE, data={"code": code, "reponse": said, "faites": done}, hx=hx)


def test_a_card_holds_a_drawing_a_sentence_and_four_answers(inside: CheckingClient) -> None:
    page = inside.get(PAGE)
    text = page.get_data(as_text=True)
    assert sentence("commun.base.fiche") in text or sentence(COUNT) in text
    assert "pictos/gestes/" in text
    assert "data-speak" in text
    for words in ("Oui, je sais", "Un peu", "Pas encore", "Je ne sais pas", "J’arrête là"):
        assert words in text
    assert "%" not in text.split("<main")[1].split("</main>")[0]
    assert len(page.data) <= 15_000


@pytest.mark.parametrize(("said", "level"), [("oui", 2), ("peu", 1), ("non", 0)])
def test_an_answer_is_kept_as_declared_by_the_person(
    inside: CheckingClient, session: Session, person: Person, said: str, level: int
) -> None:
    response = answer(inside, COUNT, said)
    assert response.status_code == 303
    assert response.headers["Location"].endswith("?faites=1")
    (row,) = rows(session, person)
    assert (row.skill_code, row.level, row.source, row.by_id) == (
        COUNT,
        level,
        AssertionSource.DECLARED,
        None,
    )


def test_not_knowing_is_kept_is_no_gap_and_is_not_asked_again(
    inside: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    offer = make.offer(make.account(Role.ADVISER), place=ARRAS)
    make.requires(offer, make.skill(COUNT))
    session.commit()
    before = groups(session, person)
    assert before == {"to_check": 1}
    answer(inside, COUNT, "sais-pas")
    assert [row.level for row in rows(session, person)] == [None]
    assert groups(session, person) == before
    following = next_gesture(session, person)
    assert following is not None
    assert following.skill_code != COUNT


def groups(session: Session, person: Person) -> dict[str, int]:
    found = mm.offers_among(session, person, may_be_shown_to(person))
    return {group.key: group.count for group in found.groups if group.count}


def test_five_cards_then_a_pause_that_offers_five_more(
    inside: CheckingClient, session: Session, person: Person
) -> None:
    for done in range(5):
        card = next_gesture(session, person)
        assert card is not None
        following = answer(inside, card.skill_code, "peu", done).headers["Location"]
        session.expire_all()
    text = inside.get(following).get_data(as_text=True)
    assert "Oui, 5 de plus" in text
    assert "J’arrête là" in text
    assert 'name="reponse"' not in text
    assert 'name="reponse"' in inside.get(PAGE).get_data(as_text=True)


def test_when_everything_is_answered_the_page_says_so(
    inside: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    for code in EVERYDAY:
        make.knows(person, make.skill(code))
    session.commit()
    text = inside.get(PAGE).get_data(as_text=True)
    assert "Il n’y a plus de question" in text
    assert "5 de plus" not in text


def test_htmx_swaps_the_card_and_the_heading_takes_the_focus(inside: CheckingClient) -> None:
    response = answer(inside, COUNT, "oui", hx=True)
    text = response.get_data(as_text=True)
    assert response.status_code == 200
    assert text.lstrip().startswith("<section")
    assert "data-focus" in text
    assert "Question 2 sur 5" in text
    assert response.headers["X-Announce"]
    assert response.headers["HX-Replace-Url"].endswith("?faites=1")


def test_a_double_tap_or_a_stale_card_records_once(
    inside: CheckingClient, session: Session, person: Person
) -> None:
    first, second = answer(inside, COUNT, "oui"), answer(inside, COUNT, "oui")
    assert first.headers["Location"] == second.headers["Location"]
    assert len(rows(session, person)) == 1


def test_a_card_sent_without_answer_comes_back(
    inside: CheckingClient, session: Session, person: Person
) -> None:
    response = answer(inside, COUNT, "peut-être")
    assert response.status_code == 422
    assert "Choisissez une réponse" in response.get_data(as_text=True)
    assert sentence(COUNT) in response.get_data(as_text=True)
    assert rows(session, person) == []


@pytest.mark.parametrize("code", ["", "inconnu", "tp.levage.grue_tour"])
def test_a_skill_without_sentence_or_out_of_the_reference_is_not_found(
    inside: CheckingClient, code: str
) -> None:
    assert answer(inside, code, "oui").status_code == 404


def test_a_declared_answer_never_lowers_what_was_certified(
    inside: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    make.knows(person, make.skill(COUNT), 3, source=AssertionSource.CERTIFIED)
    session.commit()
    answer(inside, COUNT, "non")
    session.expire_all()
    fact = facts_of_person(session, person)[COUNT]
    assert fact.level == 3
    assert fact.contradicted


def test_the_questions_that_open_leads_come_first_then_trades_then_everyday(
    make: Factory, session: Session, person: Person
) -> None:
    offer = make.offer(make.account(Role.ADVISER), place=ARRAS)
    make.requires(offer, make.skill(DIG))
    liked = make.occupation("F1701", "Maçon")
    make.core_skill(liked, PIPE)
    make.add(Interest(person_id=person.id, occupation_code=liked.code, liking=1))
    found = []
    for _turn in range(3):
        card = next_gesture(session, person)
        assert card is not None
        found.append(card.skill_code)
        make.knows(person, make.skill(card.skill_code), None)
    assert found[:2] == [DIG, PIPE]
    assert found[2].startswith("commun.base.")


def test_an_offer_kept_by_its_adviser_asks_nothing(
    make: Factory, session: Session, person: Person
) -> None:
    offer: JobOffer = make.offer(
        make.account(Role.ADVISER), place=ARRAS, confidentiality=Confidentiality.ADVISER_ONLY
    )
    make.requires(offer, make.skill(DIG))
    card = next_gesture(session, person)
    assert card is not None
    assert card.skill_code.startswith("commun.base.")


def test_what_was_said_can_be_changed_later(
    inside: CheckingClient, session: Session, person: Person
) -> None:
    answer(inside, COUNT, "non")
    assert sentence(COUNT) in inside.get(SAID).get_data(as_text=True)
    again = inside.get(f"{SAID}/{COUNT}").get_data(as_text=True)
    assert "Pas encore" in again
    assert inside.post(f"{SAID}/{COUNT}", data={"reponse": "oui"}).status_code == 303
    assert [row.level for row in rows(session, person)] == [0, 2]
    assert facts_of_person(session, person)[COUNT].level == 2
    (said,) = list_said(session, person)
    assert said.answer.value == "oui"


def test_a_slip_is_taken_back_by_i_do_not_know(
    inside: CheckingClient, session: Session, person: Person
) -> None:
    answer(inside, COUNT, "non")
    assert inside.post(f"{SAID}/{COUNT}", data={"reponse": "sais-pas"}).status_code == 303
    assert facts_of_person(session, person)[COUNT].level is None


def test_taking_back_ones_own_word_leaves_what_others_saw(
    inside: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    answer(inside, COUNT, "oui")
    make.knows(person, session.get_one(Skill, COUNT), 1, source=AssertionSource.OBSERVED)
    session.commit()
    inside.post(f"{SAID}/{COUNT}", data={"reponse": "sais-pas"})
    assert facts_of_person(session, person)[COUNT].level == 1


def test_a_change_without_answer_comes_back(inside: CheckingClient) -> None:
    answer(inside, COUNT, "peu")
    assert inside.post(f"{SAID}/{COUNT}", data={}).status_code == 422


def test_what_a_professional_saw_is_not_what_the_person_said(
    inside: CheckingClient, make: Factory, session: Session, person: Person
) -> None:
    make.knows(person, make.skill(COUNT), 0, source=AssertionSource.OBSERVED)
    session.commit()
    assert sentence(COUNT) not in inside.get(SAID).get_data(as_text=True)
    assert inside.get(f"{SAID}/{COUNT}").status_code == 404


def test_many_answers_are_shown_twenty_at_a_time_in_as_many_queries(
    inside: CheckingClient, make: Factory, session: Session, person: Person, database: Database
) -> None:
    make.knows(person, make.skill(COUNT))
    session.commit()
    inside.get(SAID)
    with count_queries(database.engine) as few:
        inside.get(SAID)
    for code in list(all_gestures())[:40]:
        make.knows(person, make.skill(code))
    session.commit()
    with count_queries(database.engine) as many:
        page = inside.get(SAID)
    assert many.count == few.count
    assert page.get_data(as_text=True).count(SAID + "/") == 20
    assert len(page.data) <= 15_000
    last = inside.get(f"{SAID}?apres=40").get_data(as_text=True)
    assert last.count(SAID + "/") == 1
    assert "Les réponses plus récentes" in last


def test_beside_the_person_the_professional_is_kept_and_the_reading_logged(
    client: CheckingClient,
    database: Database,
    session: Session,
    person: Person,
    referent: Account,
) -> None:
    from portal.access.actor import Actor

    sign_in(client, session, referent)
    enter(client, database, person, helper=Actor(referent, referent.memberships[0]))
    answer(client, COUNT, "peu")
    (row,) = rows(session, person)
    assert (row.by_id, row.source) == (referent.id, AssertionSource.DECLARED)
    assert row.evidence is None
    logged = select(func.count()).select_from(AccessLog).filter_by(person_id=person.id)
    assert session.scalar(logged)


def test_an_answer_is_the_visitors_and_nobody_elses(
    inside: CheckingClient, make: Factory, session: Session, person: Person, referent: Account
) -> None:
    other = make.person(referent=referent)
    make.knows(other, make.skill(COUNT), 0)
    session.commit()
    assert inside.get(f"{SAID}/{COUNT}").status_code == 404
    answer(inside, PLAN, "oui")
    assert [row.skill_code for row in rows(session, other)] == [COUNT]
    assert [row.skill_code for row in rows(session, person)] == [PLAN]


def test_without_a_visit_one_is_sent_to_the_entrance(
    client: CheckingClient, session: Session, person: Person
) -> None:
    session.commit()
    for path in (PAGE, SAID, f"{SAID}/{COUNT}"):
        assert client.get(path).headers["Location"].endswith("/moi/entrer")
    assert answer(client, COUNT, "oui").status_code == 302
    assert rows(session, person) == []


@pytest.mark.parametrize("faites", ["-1", "abc", "99999999", "²"])
def test_a_count_that_is_not_one_starts_the_series(inside: CheckingClient, faites: str) -> None:
    page = inside.get(PAGE, query_string={"faites": faites})
    assert page.status_code == 200
    assert "Question 1 sur 5" in page.get_data(as_text=True)


def test_a_professional_reads_that_it_was_said_in_the_space(
    inside: CheckingClient, session: Session, person: Person, referent: Account
) -> None:
    answer(inside, COUNT, "oui")
    sign_in(inside, session, referent)
    text = inside.get(f"/personnes/{person.public_id}/competences/{COUNT}").get_data(as_text=True)
    assert "dans son espace" in text
    assert "sans compte" in text


def test_a_sentence_that_stays_french_is_marked_and_not_read_by_another_voice(
    client: CheckingClient, database: Database, session: Session, person: Person
) -> None:
    session.commit()
    enter(client, database, person, language="uk")
    page = client.get(PAGE).get_data(as_text=True)
    card = next_gesture(session, person)
    assert card is not None
    marked = f'<h1 tabindex="-1" data-focus lang="fr" dir="auto">{card.falc}</h1>'
    assert (marked in page) != ("data-speak" in page)
