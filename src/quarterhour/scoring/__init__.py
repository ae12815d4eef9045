"""Scoring: the question, its answer, and what is asked of the answer at once."""
