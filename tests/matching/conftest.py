"""Fixtures of the tests of several processes and machines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from benchmarks.match.worlds import build
from matching.index import Index


@pytest.fixture(scope="session")
def departement() -> Index:
    """A made-up département: 120 people, 60 offers, 80 sessions."""
    return build(120, 60, 80, "departement").indexed()


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    """A scheduler and two workers on the loopback, each a process of its own."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
        host="127.0.0.1",
    ) as started:
        yield started
