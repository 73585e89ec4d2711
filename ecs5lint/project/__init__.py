"""Find the files of a run, the callers across formats, and the skipped files with their reasons."""
