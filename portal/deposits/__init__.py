"""Needs that employers write by themselves, until an adviser has called and made them offers."""
