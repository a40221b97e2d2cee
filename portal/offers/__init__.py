"""Offers: captured during a phone call, opened to partners, and the people ready for them."""
