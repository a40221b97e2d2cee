"""Licences and certificates in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matching.labels.caces import CATEGORIES
from matching.labels.credentials import credential_types, recognise

CERTAIN = [
    # description, text, types
    ("licence", "permis C", ["permis_c"]),
    ("lorry licence in words", "permis poids lourd", ["permis_c"]),
    ("lorry and trailer", "permis poids lourds et super lourds", ["permis_c", "permis_ce"]),
    ("list of licences", "Permis B, C, CE", ["permis_b", "permis_c", "permis_ce"]),
    ("licences with « et »", "permis B et C exigés", ["permis_b", "permis_c"]),
    ("licences with hyphens", "permis B-C-CE", ["permis_b", "permis_c", "permis_ce"]),
    ("former names", "permis E(C), permis EB", ["permis_ce", "permis_be"]),
    ("up to date is no category A", "permis B à jour", ["permis_b"]),
    ("bus licence", "permis transport en commun", ["permis_d"]),
    ("moped licence", "BSR", ["permis_am"]),
    ("CACES in full", "CACES R489 3", ["caces_r489_3"]),
    ("hyphenated", "caces R489-3", ["caces_r489_3"]),
    ("category named", "R482 cat A", ["caces_r482_a"]),
    ("glued", "R482A", ["caces_r482_a"]),
    (
        "several categories",
        "CACES R489 cat 1A, 3 et 5",
        ["caces_r489_1a", "caces_r489_3", "caces_r489_5"],
    ),
    ("two recommendations", "R482 b1 + R489 5", ["caces_r482_b1", "caces_r489_5"]),
    ("former machines", "CACES R372m cat 9", ["caces_r482_f"]),
    ("former forklifts", "R389-3", ["caces_r489_3"]),
    ("former platforms", "R386 3B", ["caces_r486_b"]),
    ("platform named", "caces nacelle 3B", ["caces_r486_b"]),
    ("number last", "CACES 3,5 (R489)", ["caces_r489_3", "caces_r489_5"]),
    ("each its own number", "CACES R489 3 R482 A", ["caces_r489_3", "caces_r482_a"]),
    ("up to date is no category", "CACES R489 3 à jour", ["caces_r489_3"]),
    ("crane on a lorry", "caces grue auxiliaire", ["caces_r490"]),
    ("tower crane", "CACES R487 1", ["caces_r487_1"]),
    ("first aid at work", "SST", ["sst"]),
    ("first aid in words", "sauveteur secouriste du travail", ["sst"]),
    ("networks", "AIPR encadrant", ["aipr_encadrant"]),
    (
        "electricity",
        "habilitation électrique BR/B1V",
        ["habilitation_electrique_br", "habilitation_electrique_b1v"],
    ),
    ("electricity, glued codes", "H0B0", ["habilitation_electrique_b0_h0"]),
    ("goods transport", "FIMO/FCO marchandises", ["fimo_marchandises", "fco_marchandises"]),
    ("passengers", "FCO voyageurs", ["fco_voyageurs"]),
    ("dangerous goods", "ADR", ["adr_base"]),
    ("driver card", "carte conducteur à jour", ["carte_conducteur_tachy"]),
    ("fire safety", "SSIAP 1", ["ssiap_1"]),
    ("security card", "carte professionnelle d’agent de sécurité", ["carte_pro_securite"]),
    ("care diploma", "DEAES", ["deaes"]),
    ("qualification titles", "titre pro ou CQP", ["titre_pro", "cqp"]),
    ("core skills", "certificat CléA", ["clea"]),
    ("food hygiene", "HACCP", ["haccp"]),
    ("work at height", "travaux en hauteur", ["travail_en_hauteur"]),
]
GUESSED = [
    ("licence without category", "permis obligatoire", ["permis_b"]),
    ("licence on its own", "code et permis", ["permis_b"]),
    ("licence up to date", "permis à jour", ["permis_b"]),
    ("forklift without its number", "caces 3", ["caces_r489_3"]),
    ("the usual three", "caces 1 3 5", ["caces_r489_1a", "caces_r489_3", "caces_r489_5"]),
    ("a letter is a machine", "caces B1", ["caces_r482_b1"]),
    ("former number alone", "caces 9", ["caces_r482_f"]),
    ("machine without category", "caces pelle", ["caces_r482_b1"]),
    ("small machine", "caces mini-pelle", ["caces_r482_a"]),
    ("FIMO alone", "FIMO", ["fimo_marchandises"]),
    ("AIPR alone", "AIPR", ["aipr_operateur"]),
]
NONE = [
    ("nothing", ""),
    ("a building permit", "permis de construire"),
    ("a boat licence", "permis bateau"),
    ("an abbreviation that means something else", "br"),
    ("a number", "3 ans d’expérience"),
    ("another level", "SSIAP 2"),
    ("CACES of nothing", "caces souhaité"),
    ("a category that does not exist", "CACES R489 9"),
]


@pytest.mark.parametrize(("description", "text", "types"), CERTAIN, ids=[c[0] for c in CERTAIN])
def test_what_is_written_is_certain(description: str, text: str, types: list[str]) -> None:
    found = recognise(text)
    assert sorted(mention.type for mention in found) == sorted(types), description
    assert all(mention.certain and not mention.negated for mention in found), description


@pytest.mark.parametrize(("description", "text", "types"), GUESSED, ids=[c[0] for c in GUESSED])
def test_a_guess_says_so(description: str, text: str, types: list[str]) -> None:
    found = recognise(text)
    assert [mention.type for mention in found] == types, description
    assert not any(mention.certain for mention in found), description


@pytest.mark.parametrize(("description", "text"), NONE, ids=[c[0] for c in NONE])
def test_what_is_no_credential_is_left_alone(description: str, text: str) -> None:
    assert recognise(text) == (), description


@pytest.mark.parametrize(
    "text", ["sans permis B", "pas le permis B", "permis B non exigé", "ni permis ni voiture"]
)
def test_doing_without_is_said(text: str) -> None:
    (mention,) = recognise(text)
    assert (mention.type, mention.negated) == ("permis_b", True)


def test_the_list_is_closed_and_sourced() -> None:
    types = credential_types()
    for line in types.values():
        assert line.label, line.type
        assert line.source, line.type
        assert line.validity_years is None or 1 <= line.validity_years <= 15
    for number, categories in CATEGORIES.items():
        assert {f"caces_{number}_{category}" for category in categories} <= types.keys()


@pytest.mark.parametrize(
    ("type_", "years"),
    [
        ("caces_r482_a", 10),
        ("caces_r489_3", 5),
        ("sst", 2),
        ("aipr_operateur", 5),
        ("fimo_marchandises", None),
        ("fco_marchandises", 5),
    ],
)
def test_known_durations(type_: str, years: int | None) -> None:
    assert credential_types()[type_].validity_years == years


@given(
    st.one_of(st.text(max_size=80), st.from_regex(r"(caces|permis|r4[0-9]{2}|[a-g1-9 ,/-]){1,6}"))
)
def test_only_known_types_come_out_of_any_text(text: str) -> None:
    found = recognise(text)
    assert found == recognise(text)
    assert {mention.type for mention in found} <= credential_types().keys()
    assert len({mention.type for mention in found}) == len(found)
