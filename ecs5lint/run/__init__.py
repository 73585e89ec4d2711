"""One run: what it is told, the way from paths to a report, and the processes that share the work."""
