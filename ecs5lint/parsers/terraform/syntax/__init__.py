"""The text of Terraform: blocks, expressions, templates, and the same in JSON."""
