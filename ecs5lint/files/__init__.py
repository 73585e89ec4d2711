"""The files of a project, and what Git tracks and ignores of them."""
