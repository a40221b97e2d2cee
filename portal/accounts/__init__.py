"""Signing in and out, switching structure, and the accounts of professionals."""
