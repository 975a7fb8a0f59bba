"""Plumbing: knows Flask and the database, knows no feature."""
