"""Every sentence that a person reads is short, without acronym nor conditional (T-ACC-04)."""

from __future__ import annotations

import re
from datetime import date, datetime

import pytest

from portal.clock import PARIS
from portal.invitations.words import feeling_text
from portal.messages import texts
from portal.messages.outbox import Text
from portal.models import Invitation, Organisation, OrganisationKind, Person
from portal.recipients import copying
from tests.support import plain_french
from tests.support.catalogues import extracted


def _texts() -> list[tuple[str, str]]:
    """(where, text) of every string of the person's pages, gestures included."""
    return [
        (message.locations[0][0], form)
        for message in extracted()
        if message.id
        for form in (message.id if isinstance(message.id, tuple) else (message.id,))
    ]


def test_every_string_of_the_persons_pages_is_plain() -> None:
    found = [
        f"{where}: {problem}"
        for where, text in _texts()
        for problem in plain_french.problems(ANSWERS.sub("", text))
    ]
    assert found == []


def test_the_strings_of_every_part_of_the_space_are_there() -> None:
    places = {where for where, _ in _texts()}
    assert any(where.startswith("templates/recipients/") for where in places)
    assert any(where.startswith("templates/doorstep/") for where in places)
    assert "portal/recipients/my_data_words.py" in places
    assert "portal/invitations/rules.py" in places
    assert "portal/invitations/hub_answers.py" in places
    assert "portal/recipients/data/gestures.csv" in places


def test_the_words_of_the_copy_have_no_acronym() -> None:
    labels = {**copying.table_words(), **copying.column_words()}.values()
    assert [problem for label in labels for problem in plain_french.problems(label)] == []


#: What one types to answer an SMS: in capitals, as domain reference §3.4 gives them.
ANSWERS = re.compile(r"\b(?:OUI|NON|RAPPELEZ-MOI|STOP)\b")


@pytest.mark.parametrize(
    "message",
    [
        texts.agreement("Poseur de bordures"),
        texts.seat_held("Formation de maçon", datetime(2027, 3, 12, 14, tzinfo=PARIS)),
        texts.pathway_accepted(date(2027, 3, 12)),
        feeling_text(
            Invitation(person=Person(), organisation=Organisation(kind=OrganisationKind.MDS))
        ),
    ],
)
def test_messages_to_people_have_no_acronym_conditional_nor_forbidden_word(message: Text) -> None:
    # An SMS that says who writes and what, with its data, is longer than a sentence of a page.
    for text in (message.sms, message.title or "", message.mail or ""):
        assert plain_french.problems(ANSWERS.sub("", text), most_words=25) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Vous recevez le RSA.", "acronym RSA"),
        ("Un C.D.D. de deux mois.", "acronym"),
        ("Vous pourriez venir.", "conditional"),
        ("Il faudrait venir.", "conditional"),
        ("Veuillez patienter.", "forbidden"),
        ("Les usagers du service.", "forbidden"),
        ("L’usager du service.", "forbidden"),
        ("un deux trois quatre cinq six sept huit neuf dix onze douze treize", "13 words"),
    ],
)
def test_what_is_not_plain_is_found(text: str, problem: str) -> None:
    assert any(found.startswith(problem) for found in plain_french.problems(text))


@pytest.mark.parametrize(
    "text",
    [
        "C’est vrai. Les frais sont payés. Regardez votre portrait.",
        "Rendez-vous le %(day)s à %(hour)s avec %(name)s.",
        "un deux trois quatre cinq six sept huit neuf dix onze douze. Et treize.",
    ],
)
def test_what_is_plain_passes(text: str) -> None:
    assert plain_french.problems(text) == []
