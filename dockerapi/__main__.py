"""`python -m dockerapi`."""

from __future__ import annotations

import sys

from .doctor import main

sys.exit(main())
