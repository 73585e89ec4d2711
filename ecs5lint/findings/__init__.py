"""What becomes of findings: suppressions, the baseline, and what a finding is known by."""
