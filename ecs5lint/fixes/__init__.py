"""Fixes of findings: edits at spans, and the proof that they do what they are meant to.

`setting` says what to change, `braces`, `mappings` and `literals` how that is written, and `proof` runs the linter on
the edited texts again.
"""
