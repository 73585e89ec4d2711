"""Fuzz the linter: generate unexpected inputs, and check properties that hold for every input."""
