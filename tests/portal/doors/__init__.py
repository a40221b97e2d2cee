"""Tests of the doors without a password (T-SEC-04)."""
