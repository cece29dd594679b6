"""The command line: which command, which options, which exit code."""

import argparse
import logging
import sys
from collections.abc import Sequence
from importlib import import_module

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.errors import UsageError, UserFacingError
from maclip_desktop.paths import AppPaths

DONE, SOME_FAILED, WRONG_USE, CANNOT_RUN, INTERRUPTED = 0, 1, 2, 3, 130

COMMANDS = ("demo", "score", "cull", "export", "doctor")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program. Returns 0 (done), 1 (some photos failed), 2 (wrong use) or 3 (cannot run)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    options = make_parser(given).parse_args(given)
    logging.basicConfig(level=logging.DEBUG if options.verbose else logging.ERROR, format="%(name)s: %(message)s")
    paths = AppPaths.default()
    library_file = whole(options.library) if options.library else paths.library_file
    try:
        code: int = options.run(options, paths, library_file, console)
        console.flush()
        return code
    except UsageError as error:
        console.say(f"maclip-desktop: {error}")
        return WRONG_USE
    except UserFacingError as error:
        console.say(f"maclip-desktop: {error}")
        return CANNOT_RUN
    except KeyboardInterrupt:
        console.say("Stopped. What was finished is saved.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; that is its right, and Python must not complain about it at exit.
        sys.stdout = None
        return DONE


def make_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for what was given: a command's, or the window's where the first word is no command.

    A folder that is named like a command is written with a path, as in ``./score``.
    """
    parser = argparse.ArgumentParser(
        prog="maclip-desktop",
        description=f"{APP_NAME}: scores photos on your own machine, shows them from worst to best, "
        "and writes culling lists. Without a command it opens the window.",
        epilog="Commands: " + ", ".join(COMMANDS) + ". 'maclip-desktop COMMAND --help' explains each.",
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    name = given[0] if given and given[0] in COMMANDS else "window"
    # Only the one that is wanted: the window must stand before the slow libraries are loaded.
    command = import_module(f"maclip_desktop.commands.{name}")
    target = parser
    if name in COMMANDS:
        subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
        target = subparsers.add_parser(name, description=command.SUMMARY)
    command.add_options(target)
    _add_common(target)
    target.set_defaults(run=command.run)
    return parser


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--library", metavar="FILE", help="the library file to use (default: the one of this user)")
    parser.add_argument("--verbose", action="store_true", help="say more about what is going on, on standard error")
