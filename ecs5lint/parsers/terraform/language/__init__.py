"""The language of Terraform: expressions to values."""
