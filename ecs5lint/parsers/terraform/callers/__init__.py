"""Who calls a module: which modules, and which files that are no modules themselves."""
