"""« Ses pistes »: questions whose answers re-rank in place, five groups, why, likes."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import unquote

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal import clock
from portal.db import Database
from portal.models import (
    Account,
    Confidentiality,
    Credential,
    DomainEvent,
    Interest,
    JobOffer,
    Person,
    RequirementKind,
    Role,
    SkillAssertion,
)
from portal.people.rules import Shift, shift_between
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import AMIENS, Factory
from tests.support.html import without_tokens
from tests.support.queries import count_queries


@pytest.fixture
def referent(make: Factory) -> Account:
    return make.account(Role.REFERENT)


@pytest.fixture
def adviser(make: Factory) -> Account:
    return make.account(Role.ADVISER)


@pytest.fixture
def person(make: Factory, referent: Account) -> Person:
    return make.person(referent=referent, modes="car")


@pytest.fixture
def url(client: CheckingClient, session: Session, referent: Account, person: Person) -> str:
    sign_in(client, session, referent)
    return f"/personnes/{person.public_id}"


def page(client: CheckingClient, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.get_data(as_text=True)


def offers_asking(make: Factory, adviser: Account, code: str, count: int) -> list[JobOffer]:
    offers = []
    for _ in range(count):
        offer = make.offer(adviser)
        make.requires(offer, make.skill(code, f"Geste {code}"))
        offers.append(offer)
    return offers


def test_an_answer_moves_the_jobs_at_once_and_says_so(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    offers_asking(make, adviser, "tp.niveler", 3)
    session.commit()
    before = page(client, f"{url}/pistes")
    assert "3 emplois attendent cette réponse" in before
    data = {"kind": "skill", "code": "tp.niveler", "answer": "2"}
    response = client.post(f"{url}/questions", data=data, hx=True)
    said = unquote(response.headers["X-Announce"])
    assert "3 emplois passent de «\u00a0à vérifier\u00a0» à «\u00a0prêt\u00a0»" in said
    fragment = response.get_data(as_text=True)
    assert said in fragment
    assert "<html" not in fragment
    assert "attendent cette réponse" not in fragment
    session.expire_all()
    assert make.first(SkillAssertion).level == 2


def test_without_javascript_the_answer_comes_back_as_a_page(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    offers_asking(make, adviser, "tp.niveler", 1)
    session.commit()
    data = {"kind": "skill", "code": "tp.niveler", "answer": "0"}
    response = client.post(f"{url}/questions", data=data)
    assert response.status_code == 303
    after = page(client, response.location)
    assert "1 emploi passe de «\u00a0à vérifier\u00a0»" in after
    assert "Ne sait pas encore" in after


def test_not_knowing_is_kept_and_the_question_does_not_come_back(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    offer = make.offer(adviser)
    make.requires(offer, make.skill("tp.niveler"))
    make.requires(offer, make.credential_type(), RequirementKind.REGULATORY)
    session.commit()
    assert page(client, f"{url}/pistes").count("attend cette réponse") == 2
    client.post(f"{url}/questions", data={"kind": "skill", "code": "tp.niveler", "answer": "?"})
    client.post(f"{url}/questions", data={"kind": "credential", "code": "permis_b", "answer": "?"})
    after = page(client, f"{url}/pistes")
    assert "attend cette réponse" not in after
    assert "À demander" in after, "unknown stays unknown"
    session.expire_all()
    assert make.first(SkillAssertion).level is None
    assert make.first(Credential) is None
    assert make.first(DomainEvent, name="credential_not_known").details == {"type": "permis_b"}


def test_a_credential_is_held_until_a_day(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    """T-MAT-03: held today, expired on the first day of work."""
    make.requires(make.offer(adviser), make.credential_type(), RequirementKind.REGULATORY)
    session.commit()
    soon = clock.today() + timedelta(days=3)
    data = {"kind": "credential", "code": "permis_b", "answer": "yes"}
    client.post(f"{url}/questions", data=data | {"expires_on": soon.isoformat()})
    session.expire_all()
    assert make.first(Credential).expires_on == soon
    offer = make.first(JobOffer)
    why = page(client, f"{url}/pourquoi/{offer.public_id}")
    assert "à rafraîchir" in why
    assert "n’a pas encore" in why


@pytest.mark.parametrize(
    "data",
    [
        {"kind": "skill", "code": "tp.niveler"},
        {"kind": "skill", "code": "tp.niveler", "answer": "9"},
        {"kind": "skill", "code": "unheard.of", "answer": "2"},
        {"kind": "weather", "code": "tp.niveler", "answer": "2"},
        {"kind": "credential", "code": "permis_b", "answer": "3"},
        {"kind": "credential", "code": "permis_b", "answer": "yes", "expires_on": "demain"},
    ],
)
def test_an_answer_that_is_none_is_refused(
    client: CheckingClient,
    make: Factory,
    session: Session,
    adviser: Account,
    url: str,
    data: dict[str, str],
) -> None:
    offers_asking(make, adviser, "tp.niveler", 1)
    make.credential_type()
    session.commit()
    assert client.post(f"{url}/questions", data=data).status_code == 422
    assert make.first(SkillAssertion) is None
    assert make.first(Credential) is None


def test_a_person_without_commune_is_asked_for_it_on_the_spot(
    client: CheckingClient,
    make: Factory,
    session: Session,
    adviser: Account,
    person: Person,
    url: str,
) -> None:
    person.commune_code = person.departement_code = None
    make.offer(adviser)
    session.commit()
    assert "Sans commune" in page(client, f"{url}/pistes")
    assert client.post(f"{url}/commune", data={"commune": "Atlantis"}).status_code == 422
    assert client.post(f"{url}/commune", data={"commune": "Arras"}).status_code == 303
    after = page(client, f"{url}/pistes")
    assert "Sans commune" not in after
    assert "Constructeur de routes" in after
    session.refresh(person)
    assert person.departement_code == "62"


def test_jobs_out_of_reach_are_counted_with_what_a_car_would_bring(
    client: CheckingClient,
    make: Factory,
    session: Session,
    adviser: Account,
    person: Person,
    url: str,
) -> None:
    person.modes = "walk"
    make.offer(adviser, place=AMIENS, confidentiality=Confidentiality.PUBLIC)
    make.offer(adviser)
    session.commit()
    assert "2 emplois sont trop loin avec ses moyens de transport" in page(client, f"{url}/pistes")
    assert "une voiture en rapprocherait 1" in page(client, f"{url}/pistes")


def test_the_employer_is_named_only_to_who_may_know(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    masked = make.establishment(name="Secret et Fils")
    shown = make.establishment(name="Ouvert et Cie")
    make.offer(adviser, establishment=masked)
    make.offer(adviser, establishment=shown, confidentiality=Confidentiality.PARTNERS_NAMED)
    make.offer(adviser, title="Gardé", confidentiality=Confidentiality.ADVISER_ONLY)
    session.commit()
    leads = page(client, f"{url}/pistes")
    assert "Ouvert et Cie" in leads
    assert "Secret et Fils" not in leads
    assert "Gardé" not in leads


def test_a_trade_is_liked_refused_and_taken_back_in_place(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    """T-MAT-06: the jobs of a refused trade leave the list, which says why and how to undo."""
    make.offer(adviser)
    session.commit()
    data = {"occupation": "F1702"}
    liked = client.post(f"{url}/gouts", data=data | {"liking": "1"}, hx=True)
    assert "Métier qui lui plaît" in liked.get_data(as_text=True)
    refused = client.post(f"{url}/gouts", data=data | {"liking": "-1"}, hx=True)
    assert "Métiers déclinés par la personne" in refused.get_data(as_text=True)
    assert "Pourquoi" not in refused.get_data(as_text=True)
    undone = client.post(f"{url}/gouts", data=data | {"liking": "0"}, hx=True)
    assert "déclinés par" not in undone.get_data(as_text=True)
    assert "Pourquoi" in undone.get_data(as_text=True)
    assert make.first(Interest) is None
    assert client.post(f"{url}/gouts", data=data | {"liking": "7"}).status_code == 400
    assert client.post(f"{url}/gouts", data={"occupation": "Z9", "liking": "1"}).status_code == 400


def test_why_names_each_requirement_its_fact_and_the_training(
    client: CheckingClient,
    make: Factory,
    session: Session,
    adviser: Account,
    person: Person,
    url: str,
) -> None:
    offer = make.offer(adviser)
    make.requires(offer, make.skill("tp.niveler", "Régler un niveau"))
    make.requires(offer, make.skill("tp.poser", "Poser des bordures"))
    make.requires(offer, make.skill("tp.lire", "Lire un plan"), RequirementKind.DESIRED)
    make.knows(person, make.skill("tp.niveler"), 2)
    make.knows(person, make.skill("tp.poser"), 0)
    make.session_of_training(teaches={"tp.poser": 2}, title="Bordures en dix jours")
    session.commit()
    why = page(client, f"{url}/pourquoi/{offer.public_id}")
    assert "sans aide, déclaré par la personne" in why
    assert "ne sait pas encore" in why
    assert "Bordures en dix jours" in why
    assert "à demander" in why
    assert "souhaité" in why


def test_why_of_an_offer_one_may_not_read_is_404(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    hidden = make.offer(adviser, confidentiality=Confidentiality.ADVISER_ONLY)
    session.commit()
    assert client.get(f"{url}/pourquoi/{hidden.public_id}").status_code == 404


def test_training_within_reach_is_listed_with_the_jobs_it_serves(
    client: CheckingClient,
    make: Factory,
    session: Session,
    adviser: Account,
    person: Person,
    url: str,
) -> None:
    make.requires(make.offer(adviser, title="Poseur"), make.skill("tp.poser"))
    make.knows(person, make.skill("tp.poser"), 0)
    make.session_of_training(teaches={"tp.poser": 2}, title="Bordures en dix jours")
    session.commit()
    leads = page(client, f"{url}/pistes")
    section = leads.split('id="formations"')[1]
    assert "Bordures en dix jours" in section
    assert "Poseur" in section


def test_a_band_is_read_page_after_page(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    for _ in range(25):
        make.offer(adviser)
    session.commit()
    first = page(client, f"{url}/pistes")
    assert "Voir la suite" in first
    assert "1 à 20 sur 25" in page(client, f"{url}/pistes?groupe=ready")
    assert "21 à 25 sur 25" in page(client, f"{url}/pistes?groupe=ready&page=2")
    assert "Voir la suite" in page(client, f"{url}/pistes?groupe=nimporte")


def test_the_page_asks_no_more_when_there_are_more_jobs(
    client: CheckingClient,
    make: Factory,
    session: Session,
    database: Database,
    adviser: Account,
    url: str,
) -> None:
    offers_asking(make, adviser, "tp.niveler", 2)
    session.commit()
    page(client, f"{url}/pistes")
    with count_queries(database.engine) as few:
        page(client, f"{url}/pistes")
    offers_asking(make, adviser, "tp.niveler", 20)
    session.commit()
    page(client, f"{url}/pistes")
    with count_queries(database.engine) as many:
        page(client, f"{url}/pistes")
    assert many.count <= few.count <= 16, "two of them because rows changed a moment ago"


def test_the_fragment_is_the_page_reloaded(
    client: CheckingClient, make: Factory, session: Session, adviser: Account, url: str
) -> None:
    offers_asking(make, adviser, "tp.niveler", 2)
    session.commit()
    fragment = client.get(f"{url}/pistes", hx=True).get_data(as_text=True)
    assert without_tokens(fragment).strip() in without_tokens(page(client, f"{url}/pistes"))


def test_every_answer_is_kept_under_who_gave_it(
    client: CheckingClient, make: Factory, session: Session, referent: Account, url: str
) -> None:
    make.skill("tp.niveler")
    session.commit()
    client.post(f"{url}/questions", data={"kind": "skill", "code": "tp.niveler", "answer": "1"})
    session.expire_all()
    row = session.scalars(select(SkillAssertion)).one()
    assert (row.by_id, row.asserted_on) == (referent.id, clock.today())


def test_what_an_answer_moved_is_counted_from_the_two_lists() -> None:
    before = {"ready": 1, "one_step": 2, "to_check": 9, "longer_path": 0, "gap": 4}
    after = {"ready": 3, "one_step": 3, "to_check": 5, "longer_path": 1, "gap": 4}
    assert shift_between(before, after) == Shift(to_ready=2, to_one_step=1, elsewhere=1)
    assert shift_between(before, before).total == 0
