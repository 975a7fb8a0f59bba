"""Enrolment, reading lessons, progress and completion."""
