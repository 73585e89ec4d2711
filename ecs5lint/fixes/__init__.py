"""Fix findings: edit spans of the source, and prove that the edits have the intended effect.

`setting` decides which edit a finding needs. `braces`, `mappings` and `literals` write it in the style of the file.
`proof` runs the linter on the edited texts again.
"""
