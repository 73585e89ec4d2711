"""Run the linter: read the configuration, check the paths in one or several processes, and build the report."""
