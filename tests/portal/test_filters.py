"""The filters of templates."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string

from portal.web.filters import count_of, siret_text


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


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0\u00a0place"), (1, "1\u00a0place"), (2, "2\u00a0places")]
)
def test_french_counts_nothing_as_one(app: Flask, count: int, shown: str) -> None:
    template = '{{ ngettext("%(num)d\u00a0place", "%(num)d\u00a0places", count) }}'
    with app.test_request_context():
        assert count_of(count, "place", "places") == shown
        assert render_template_string(template, count=count) == shown
