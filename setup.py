"""What setup.cfg cannot say: a package index shows README without the files beside it."""

import re
from pathlib import Path

from setuptools import setup

README = (Path(__file__).parent / "README.md").read_text(encoding="utf-8")
INTO_THE_CHECKOUT = re.compile(r"\[([^]]+)]\((?!https?://)[^)]+\)")

setup(long_description=INTO_THE_CHECKOUT.sub(r"\1", README))
