"""Evaluate Terraform's expressions to values."""
