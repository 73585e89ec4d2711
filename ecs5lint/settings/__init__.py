"""Hold the settings of a run."""
