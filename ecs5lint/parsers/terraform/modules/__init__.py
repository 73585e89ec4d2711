"""Evaluate modules: their files, variables and references, and the modules that they call."""
