"""Accepted findings: who accepts what, for how long, and what becomes of it.

`ignore` is what an acceptance says, wherever it is written.
"""
