"""Read Terragrunt units and stacks, which call modules with inputs.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
"""
