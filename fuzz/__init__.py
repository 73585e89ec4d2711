"""Fuzzers: inputs that nobody thought of, and what must hold for them all the same."""
