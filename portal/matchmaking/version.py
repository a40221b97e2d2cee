"""The version of the written rules; it changes whenever a result can."""

from __future__ import annotations

from datetime import date

ENGINE_VERSION = "1.0"
ENGINE_DATE = date(2026, 11, 20)
