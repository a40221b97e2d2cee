"""What the tests of the pages of offers share."""

from __future__ import annotations

from tests.support.client import CheckingClient


def text_of(client: CheckingClient, url: str) -> str:
    """A page that must open."""
    response = client.get(url)
    assert response.status_code == 200, url
    return response.get_data(as_text=True)
