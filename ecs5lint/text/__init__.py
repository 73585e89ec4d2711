"""Texts, and the values that are written in them."""
