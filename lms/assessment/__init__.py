"""Attempts at quizzes: starting, saving, timing, grading and the result."""
