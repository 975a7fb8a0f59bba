"""Drills: learners play an incident decision by decision; what they decided is kept, the rest follows from it."""
