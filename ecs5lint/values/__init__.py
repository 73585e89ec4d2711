"""Represent the known part of a value, and the conditions under which it holds."""
