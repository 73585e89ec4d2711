"""Evaluate the language of templates: parameters, conditions, intrinsic functions, nested stacks."""
