"""What the tests of hires share."""

from __future__ import annotations

from tests.support.client import CheckingClient


def text_of(client: CheckingClient, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    return " ".join(response.get_data(as_text=True).split())
