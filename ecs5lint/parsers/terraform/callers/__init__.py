"""Find the callers of a module: other modules, and files that are no modules themselves."""
