"""Configure all tests."""

from __future__ import annotations

from hypothesis import settings

# The time of an example depends more on the machine than on the code.
settings.register_profile("ecs5lint", deadline=None)
settings.load_profile("ecs5lint")
