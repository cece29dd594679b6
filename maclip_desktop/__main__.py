"""Entry point of ``maclip-desktop`` and ``python -m maclip_desktop``."""

import multiprocessing
import sys

CHILD_OPTION = "--decode-apart"
"""As in `imaging.apart.process`: how a packed program, which has no ``-m``, starts itself as a process that decodes."""


def main() -> int:
    """Run the program with the command line's arguments; returns the exit code."""
    # What a packed program starts by `multiprocessing` is this program again.
    multiprocessing.freeze_support()
    if sys.argv[1:2] == [CHILD_OPTION]:
        from maclip_desktop.imaging.apart import child

        child.main(sys.argv[2:])
    from maclip_desktop import cli

    return cli.main()


if __name__ == "__main__":
    sys.exit(main())
