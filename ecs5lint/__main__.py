"""`python -m ecs5lint`."""

from __future__ import annotations

import sys

from ecs5lint.cli import main

sys.exit(main())
