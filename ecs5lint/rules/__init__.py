"""The rules, each a module that is its own documentation; the text for people lies beside it."""
