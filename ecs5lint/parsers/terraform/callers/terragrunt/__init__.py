"""Terragrunt: units and stacks of them, which call modules with inputs.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
"""
