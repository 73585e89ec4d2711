"""Read the files of a project, and tell which of them Git tracks and ignores."""
