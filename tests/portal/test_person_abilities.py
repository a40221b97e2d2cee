"""« Ce que la personne sait faire »: facts added, never edited; unknown stays unknown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    AssertionSource,
    Credential,
    DomainEvent,
    PastTrade,
    Person,
    ProofState,
    Role,
    SkillAssertion,
)
from portal.people import answers
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.html import without_tokens
from tests.support.queries import count_queries


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    trade = make.occupation("F1703", "Maçon")
    for number in range(8):
        make.core_skill(trade, f"bat.{number}", label=f"Geste numéro {number}")
    make.credential_type("permis_b", "Permis B")
    return make.person(referent=referent)


@pytest.fixture
def url(client: CheckingClient, session: Session, referent: Account, person: Person) -> str:
    sign_in(client, session, referent)
    return f"/personnes/{person.public_id}"


def page(client: CheckingClient, url: str) -> str:
    return client.get(url).get_data(as_text=True)


def assertions(session: Session) -> list[SkillAssertion]:
    session.expire_all()
    return list(session.scalars(select(SkillAssertion).order_by(SkillAssertion.id)))


def test_a_past_trade_proposes_its_core_skills_six_at_a_time(
    client: CheckingClient, make: Factory, url: str
) -> None:
    assert "À répondre ensemble" not in page(client, f"{url}/competences")
    added = client.post(f"{url}/metiers-exerces", data={"trade": "maçon", "years": "4"})
    assert added.status_code == 303
    assert make.first(PastTrade).years == 4
    shown = page(client, f"{url}/competences")
    assert "8\u00a0gestes" in shown or "8 gestes restent à demander" in shown
    assert shown.count("Geste numéro") == 6
    assert page(client, f"{url}/competences?passer=6").count("Geste numéro") == 2


def test_each_answer_is_a_fact_and_what_is_left_blank_stays_unknown(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    make.add(PastTrade(person_id=person.id, occupation_code="F1703"))
    session.commit()
    data = {
        "level-bat.0": "2",
        "level-bat.1": "1",
        "level-bat.2": "0",
        "level-bat.3": "?",
        "level-bat.4": "3",
        "source": "declared",
    }
    response = client.post(f"{url}/competences", data=data, hx=True)
    assert "5 réponses enregistrées" in response.get_data(as_text=True)
    found = {row.skill_code: row.level for row in assertions(session)}
    assert found == {"bat.0": 2, "bat.1": 1, "bat.2": 0, "bat.3": None, "bat.4": 3}
    assert {row.source for row in assertions(session)} == {AssertionSource.DECLARED}
    assert {row.asserted_on for row in assertions(session)} == {clock.today()}
    shown = page(client, f"{url}/competences")
    assert "Demandé, la personne ne sait pas dire" in shown
    assert "3 gestes restent à demander" in shown


def test_without_javascript_the_answers_come_back_as_a_page(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    make.add(PastTrade(person_id=person.id, occupation_code="F1703"))
    session.commit()
    response = client.post(f"{url}/competences", data={"level-bat.0": "2", "source": "declared"})
    assert response.status_code == 303
    assert "1 réponse enregistrée" in page(client, response.location)


def test_what_is_not_an_answer_is_ignored(
    client: CheckingClient, session: Session, url: str
) -> None:
    data = {
        "level-bat.0": "9",
        "level-unheard.of": "2",
        "credential-x": "yes",
        "source": "declared",
    }
    client.post(f"{url}/competences", data=data)
    assert assertions(session) == []


def test_a_new_answer_adds_to_the_history_and_a_contradiction_is_shown(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    make.knows(
        person,
        make.skill("bat.0"),
        2,
        source=AssertionSource.IMMERSION,
        asserted_on=clock.today() - timedelta(days=90),
    )
    session.commit()
    client.post(f"{url}/competences", data={"level-bat.0": "0", "source": "declared"})
    assert [row.level for row in assertions(session)] == [2, 0]
    assert "Deux informations différentes" in page(client, f"{url}/competences")
    history = page(client, f"{url}/competences/bat.0")
    assert "vu en immersion" in history
    assert "compte aujourd’hui" in history
    assert "pas encore" in history


def test_the_source_and_the_day_are_chosen(
    client: CheckingClient, session: Session, url: str
) -> None:
    seen = (clock.today() - timedelta(days=3)).isoformat()
    data = {"level-bat.0": "2", "source": "observed", "on": seen}
    client.post(f"{url}/competences", data=data)
    row = assertions(session)[0]
    assert row.source is AssertionSource.OBSERVED
    assert row.asserted_on.isoformat() == seen


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"source": "immersion"}, "où et quand"),
        ({"source": "rumour"}, "Choisissez dans la liste"),
        ({"on": "2999-01-01"}, "à venir"),
        ({"on": "0202-01-01"}, "Vérifiez l’année"),
    ],
)
def test_a_source_that_cannot_be_keeps_nothing(
    client: CheckingClient, session: Session, url: str, change: dict[str, str], said: str
) -> None:
    data = {"level-bat.0": "2", "source": "declared", **change}
    response = client.post(f"{url}/competences", data=data)
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert assertions(session) == []


def test_free_words_are_recognised_and_kept_only_once_answered(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    shown = client.post(
        f"{url}/competences/mots", data={"words": "geste numéro 3\npermis B, xxqqzz"}
    ).get_data(as_text=True)
    assert 'name="level-bat.3"' in shown
    assert 'name="credential-permis_b"' in shown
    assert "Rien de proche" in shown
    assert assertions(session) == []
    data = {"level-bat.3": "2", "credential-permis_b": "yes", "source": "declared"}
    client.post(f"{url}/competences", data=data)
    assert [row.skill_code for row in assertions(session)] == ["bat.3"]
    assert make.first(Credential).held is True


def test_empty_words_are_refused(client: CheckingClient, url: str) -> None:
    assert client.post(f"{url}/competences/mots", data={"words": " "}).status_code == 422


def test_a_credential_ends_when_its_type_says(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    make.credential_type("aipr", "AIPR").validity_years = 5
    session.commit()
    data = {"type": "aipr", "held": "yes", "obtained_on": "2024-06-01", "proof": "seen"}
    assert client.post(f"{url}/habilitations", data=data).status_code == 303
    row = make.first(Credential)
    assert row.expires_on.isoformat() == "2029-06-01"
    assert row.proof is ProofState.SEEN
    shown = page(client, f"{url}/competences")
    assert "valable jusqu’au" in shown
    assert "document vu" in shown


def test_a_credential_said_again_keeps_what_was_said_in_the_journal(
    client: CheckingClient, make: Factory, session: Session, url: str
) -> None:
    client.post(f"{url}/habilitations", data={"type": "permis_b", "held": "yes", "proof": "seen"})
    client.post(f"{url}/habilitations", data={"type": "permis_b", "held": "no", "proof": "seen"})
    session.expire_all()
    assert [row.held for row in session.scalars(select(Credential))] == [False]
    events = session.scalars(select(DomainEvent).filter_by(name="credential_recorded")).all()
    assert events[-1].details["before"]["held"] is True
    assert "n’a pas encore" in page(client, f"{url}/competences")


def test_an_expired_credential_is_to_refresh(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    make.add(
        Credential(
            person_id=person.id,
            type_code="permis_b",
            expires_on=clock.today() - timedelta(days=1),
        )
    )
    session.commit()
    assert "à rafraîchir" in page(client, f"{url}/competences")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"type": ""}, "obligatoire"),
        ({"type": "licence_to_kill"}, "Choisissez dans la liste"),
        ({"obtained_on": "2999-01-01"}, "à venir"),
        ({"obtained_on": "2024-01-01", "expires_on": "2023-01-01"}, "avant l’obtention"),
        ({"proof": "hearsay"}, "Choisissez dans la liste"),
    ],
)
def test_a_credential_that_cannot_be_is_refused(
    client: CheckingClient, make: Factory, url: str, change: dict[str, str], said: str
) -> None:
    data = {"type": "permis_b", "held": "yes", "proof": "declared", **change}
    response = client.post(f"{url}/habilitations", data=data)
    assert response.status_code == 422
    assert said in response.get_data(as_text=True)
    assert make.first(Credential) is None


def test_a_trade_entered_by_mistake_leaves_the_answers(
    client: CheckingClient, make: Factory, session: Session, person: Person, url: str
) -> None:
    make.add(PastTrade(person_id=person.id, occupation_code="F1703"))
    make.knows(person, make.skill("bat.0"))
    session.commit()
    assert client.post(f"{url}/metiers-exerces/F1703/retirer").status_code == 303
    assert make.first(PastTrade) is None
    assert len(assertions(session)) == 1


def test_a_trade_said_again_changes_its_years_only(
    client: CheckingClient, session: Session, url: str
) -> None:
    for years in ("4", "6"):
        client.post(f"{url}/metiers-exerces", data={"occupation": "F1703", "years": years})
    assert [row.years for row in session.scalars(select(PastTrade))] == [6]
    bad = client.post(f"{url}/metiers-exerces", data={"occupation": "F1703", "years": "400"})
    assert bad.status_code == 422


def test_the_page_asks_no_more_with_forty_skills(
    client: CheckingClient,
    make: Factory,
    session: Session,
    database: Database,
    person: Person,
    url: str,
) -> None:
    make.add(PastTrade(person_id=person.id, occupation_code="F1703"))
    make.knows(person, make.skill("bat.0"))
    session.commit()
    page(client, f"{url}/competences")
    with count_queries(database.engine) as few:
        page(client, f"{url}/competences")
    for number in range(40):
        make.knows(person, make.skill(f"autre.{number}", f"Autre geste {number}"))
    session.commit()
    with count_queries(database.engine) as many:
        shown = page(client, f"{url}/competences")
    assert "Autre geste 39" in shown
    assert many.count <= few.count


def test_the_fragment_is_the_page_reloaded(client: CheckingClient, url: str) -> None:
    whole = page(client, f"{url}/competences")
    fragment = client.get(f"{url}/competences", hx=True).get_data(as_text=True)
    assert without_tokens(fragment).strip() in without_tokens(whole)


def test_a_skill_never_asked_has_no_history(client: CheckingClient, url: str) -> None:
    assert client.get(f"{url}/competences/bat.7").status_code == 404


def test_words_are_cut_at_commas_and_lines() -> None:
    text = "poser des bordures, permis B ;\n\n conduire"
    assert answers.split_words(text) == ["poser des bordures", "permis B", "conduire"]
