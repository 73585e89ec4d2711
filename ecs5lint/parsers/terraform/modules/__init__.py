"""Modules: their files, variables, references, and the modules that they call."""
