"""What the tests of pathways share: a scene, its référent signed in, pathways in some state."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from portal.models import (
    Pathway,
)
from tests.support.client import CheckingClient, sign_in
from tests.support.factories import Factory
from tests.support.pathways import PathwayScene


@pytest.fixture
def in_app(app):
    with app.test_request_context("/"):
        yield


@pytest.fixture
def scene(make: Factory) -> PathwayScene:
    return PathwayScene(make)


@pytest.fixture
def mine(client: CheckingClient, session: Session, scene: PathwayScene) -> CheckingClient:
    return sign_in(client, session, scene.referent)


@pytest.fixture
def build(app, scene: PathwayScene, session: Session):
    """Make a pathway in some state, committed."""

    def make_one(name: str, *args: object) -> Pathway:
        with app.test_request_context("/"):
            pathway: Pathway = getattr(scene, name)(*args)
        session.commit()
        return pathway

    return make_one
