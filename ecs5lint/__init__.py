"""A static linter for AWS Security Hub control ECS.5: read-only root filesystems in ECS task definitions."""

__version__ = "0.1.0"
