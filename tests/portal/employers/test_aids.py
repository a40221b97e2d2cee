"""Aids as dated rules, never « non » for what is unknown (INV-22, T-LEG-01, T-ENR-05)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.employers.aids import (
    AidsError,
    Facts,
    Judged,
    Verdict,
    judge_all,
    load_aids,
    read_aids,
)
from portal.models import ContractKind
from tests.portal.employers.conftest import HIDDEN, Firm

DAY = date(2026, 11, 20)
K = ContractKind


def judged(facts: Facts, name: str, day: date = DAY) -> Judged:
    return next(one for one in judge_all(facts, day) if one.aid.id == name)


def test_afpr_is_no_more_and_sends_to_poei() -> None:
    found = judged(Facts(contract=K.CDI), "AFPR")
    assert (found.verdict, found.aid.see) == (Verdict.NO, "POEI")


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        (Facts(K.CDI), Verdict.TO_CHECK),
        (Facts(K.CDD, 6), Verdict.TO_CHECK),
        (Facts(K.CDD, 5), Verdict.NO),
        (Facts(K.SEASONAL, 4), Verdict.TO_CHECK),
        (Facts(K.SEASONAL, 3), Verdict.NO),
        (Facts(K.CTT, 1), Verdict.TO_CHECK),
        (Facts(K.CDD), Verdict.TO_CHECK),
        (Facts(), Verdict.TO_CHECK),
        (Facts(K.CDI, economic_dismissal_12m=True), Verdict.NO),
    ],
)
def test_poei_by_the_contract_and_the_firm(facts: Facts, verdict: Verdict) -> None:
    assert judged(facts, "POEI").verdict is verdict


def test_all_known_and_met_is_yes() -> None:
    facts = Facts(
        K.CDI,
        offer_at_france_travail=True,
        economic_dismissal_12m=False,
        contributions_paid=True,
        person_fits=True,
    )
    assert judged(facts, "POEI").verdict is Verdict.YES


def test_a_rule_nobody_verified_is_never_yes() -> None:
    facts = Facts(K.PEC, form=K.PEC, weekly_hours=26, person_fits=True)
    assert judged(facts, "PEC").verdict is Verdict.TO_CHECK


def test_an_offer_may_still_be_signed_in_another_form() -> None:
    assert judged(Facts(K.CDD, 6), "ALTERNANCE").verdict is Verdict.TO_CHECK
    assert judged(Facts(K.CDD, 6, form=K.CDD), "ALTERNANCE").verdict is Verdict.NO


FACTS = st.builds(
    Facts,
    contract=st.none() | st.sampled_from(K),
    months=st.none() | st.integers(1, 24),
    form=st.none() | st.sampled_from(K),
    weekly_hours=st.none() | st.floats(1, 48),
    offer_at_france_travail=st.none() | st.booleans(),
    economic_dismissal_12m=st.none() | st.booleans(),
    contributions_paid=st.none() | st.booleans(),
    person_fits=st.none() | st.booleans(),
)


@given(facts=FACTS, name=st.sampled_from(sorted(Facts.__dataclass_fields__)))
def test_forgetting_a_fact_never_makes_a_no(facts: Facts, name: str) -> None:
    """INV-22: an unknown never refuses."""
    before = {one.aid.id: one.verdict for one in judge_all(facts, DAY)}
    for one in judge_all(replace(facts, **{name: None}), DAY):
        assert one.verdict is not Verdict.NO or before[one.aid.id] is Verdict.NO


TWO_VERSIONS = """
[[aid]]
id = "X"
name = "X"
gives = "X"
valid_from = 2026-01-01
valid_to = 2026-12-31
source = "s"
verified = true
[[aid.condition]]
text = "6 mois"
confirmed_by = "c"
any = [{ months_gte = 6 }]

[[aid]]
id = "X"
name = "X"
gives = "X"
valid_from = 2027-01-01
source = "s"
verified = true
[[aid.condition]]
text = "12 mois"
confirmed_by = "c"
any = [{ months_gte = 12 }]
"""


def test_an_event_of_2026_is_judged_by_the_version_of_2026() -> None:
    """T-LEG-01."""
    aids, facts = read_aids(TWO_VERSIONS), Facts(months=6)
    assert judge_all(facts, date(2026, 12, 31), aids)[0].verdict is Verdict.YES
    assert judge_all(facts, date(2027, 1, 1), aids)[0].verdict is Verdict.NO
    assert judge_all(facts, date(2025, 12, 31), aids) == []


def test_two_versions_of_a_day_and_unknown_facts_are_refused() -> None:
    twice = read_aids(TWO_VERSIONS.replace("valid_to = 2026-12-31", ""))
    with pytest.raises(AidsError):
        judge_all(Facts(), date(2027, 6, 1), twice)
    with pytest.raises(AidsError):
        read_aids(TWO_VERSIONS.replace("months_gte = 6", "status = 'x'"))


def test_the_file_holds_together_and_reads_nothing_of_the_person() -> None:
    for aid in load_aids():
        assert aid.source
        assert aid.closed or aid.conditions
        for condition in aid.conditions:
            assert condition.confirmed_by
    for year in range(2024, 2031):
        assert judge_all(Facts(), date(year, 7, 1))


def test_the_page_says_what_to_check_and_who_confirms(firm: Firm) -> None:
    firm.offer.contract, firm.offer.duration_months = K.CDD, 6
    page = firm.by_link().get(f"/entreprise/offres/{firm.offer.public_id}/aides").text
    for words in ("POEI", "L’offre est déposée à France Travail", "licenciement économique", "PEC"):
        assert words in page
    assert "votre conseiller vérifie" in page
    assert "Cette aide n’existe plus" in page
    assert [word for word in HIDDEN if word in page] == []
