"""Process findings: apply suppressions and the baseline, and compute fingerprints."""
