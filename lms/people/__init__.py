"""Accounts, roles, units through time, and signing in."""
