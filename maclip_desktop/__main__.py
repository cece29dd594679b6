"""Entry point of ``maclip-desktop`` and ``python -m maclip_desktop``."""

import sys

from maclip_desktop.cli import main

if __name__ == "__main__":
    sys.exit(main())
