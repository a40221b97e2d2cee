"""The filters of templates."""

from __future__ import annotations

import pytest

from portal.web.filters import siret_text


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("73282932000074", "732\u00a0829\u00a0320\u00a000074"),
        ("DEMO-12", "DEMO-12"),
        ("", "–"),
        (None, "–"),
    ],
)
def test_a_siret_is_read_in_groups(value: str | None, shown: str) -> None:
    assert siret_text(value) == shown
