"""Which files there are, who calls what across formats, and what was skipped."""
