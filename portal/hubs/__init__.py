"""Hubs: cohorts that go from promised jobs to hires (domain reference §2.7, §3.5)."""
