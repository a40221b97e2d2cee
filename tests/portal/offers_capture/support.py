"""What the tests of the capture share."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.models import (
    JobOffer,
)
from tests.support.client import CheckingClient


def save(client: CheckingClient, offer: JobOffer, name: str, value: str) -> str:
    """Save one field as HTMX does, and give the answer."""
    url = f"/offres/{offer.public_id}/champ/{name}"
    response = client.post(url, data={name: value}, hx=True)
    assert response.status_code in (200, 204)
    return response.get_data(as_text=True)


def reload(session: Session, offer: JobOffer) -> JobOffer:
    """The offer as stored now."""
    session.expire_all()
    found = session.get(JobOffer, offer.id)
    assert found is not None
    return found
