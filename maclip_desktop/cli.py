"""The command line: which command, which options, which exit code."""

import argparse
import logging
import sys
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import NoReturn

from maclip_desktop import APP_NAME, __version__
from maclip_desktop.commands import CANNOT_RUN, DONE, INTERRUPTED, WRONG_USE
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.errors import UsageError, UserFacingError
from maclip_desktop.logs.keeping import COMMANDS_LOG, WINDOW_LOG, logging_into
from maclip_desktop.paths import AppPaths

log = logging.getLogger(__name__)


# Each in a function: the window must stand before the slow libraries are loaded. And each written out: a program that
# packs this one into a single file finds modules by reading their import statements.


def _window() -> ModuleType:
    from maclip_desktop.commands import window

    return window


def _demo() -> ModuleType:
    from maclip_desktop.commands import demo

    return demo


def _score() -> ModuleType:
    from maclip_desktop.commands import score

    return score


def _cull() -> ModuleType:
    from maclip_desktop.commands import cull

    return cull


def _export() -> ModuleType:
    from maclip_desktop.commands import export

    return export


def _doctor() -> ModuleType:
    from maclip_desktop.commands import doctor

    return doctor


def _evaluate() -> ModuleType:
    from maclip_desktop.commands import evaluate

    return evaluate


def _bench() -> ModuleType:
    from maclip_desktop.commands import bench

    return bench


def _weights() -> ModuleType:
    from maclip_desktop.commands import weights

    return weights


def _library() -> ModuleType:
    from maclip_desktop.commands import library

    return library


COMMANDS: dict[str, Callable[[], ModuleType]] = {
    "demo": _demo,
    "score": _score,
    "cull": _cull,
    "export": _export,
    "evaluate": _evaluate,
    "bench": _bench,
    "weights": _weights,
    "library": _library,
    "doctor": _doctor,
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program. Returns 0 (done), 1 (some photos failed), 2 (wrong use) or 3 (cannot run)."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    console = Console()
    options = make_parser(given).parse_args(given)
    # Pillow complains of damaged files; what is wrong with a photo is said in a sentence of our own.
    logging.getLogger("PIL").setLevel(logging.DEBUG if options.verbose else logging.CRITICAL)
    try:
        paths = AppPaths.default()
        with logging_into(paths.logs, options.log_name, options.verbose), _noting_errors():
            library_file = whole(options.library) if options.library else paths.library_file
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
        console.say("Stopped. What was scored is in the library; no list was written.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; that is its right, and Python must not complain about it at exit.
        sys.stdout = None
        return DONE
    except Exception as error:  # noqa: BLE001 - the last boundary; the log has the details
        hint = "the details are above" if options.verbose else "run again with --verbose for the details"
        console.say(f"maclip-desktop: An error inside the program: {type(error).__name__}: {error}; {hint}.")
        return CANNOT_RUN


@contextmanager
def _noting_errors() -> Iterator[None]:
    """Write down what ends a command; the terminal gets a sentence, and the details only where it asks for them."""
    try:
        yield
    except UserFacingError as error:
        log.info("%s: %s", type(error).__name__, error)
        raise
    except BrokenPipeError:
        raise
    except Exception as error:
        log.warning("Unexpected error", exc_info=error)
        raise


_DESCRIPTION = (
    f"{APP_NAME}: scores photos on your own machine, shows them from worst to best, and writes culling lists."
    " Without a command it opens the window."
)
_HELP_WIDTH, _HELP_INDENT = 78, 12


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one sentence, as everything else is said: the usage is what ``--help`` is for."""

    explained_by = ""
    """The command whose help explains what is wrong; empty: this parser's own."""

    def error(self, message: str) -> NoReturn:
        where = self.explained_by or self.prog
        self.exit(WRONG_USE, f"maclip-desktop: {message[:1].upper()}{message[1:]}; '{where} --help' explains.\n")


def make_parser(given: Sequence[str]) -> argparse.ArgumentParser:
    """The parser for what was given: a command's, or the window's where the first word is no command.

    A folder that is named like a command is written with a path, as in ``./score``.
    """
    name = given[0] if given and given[0] in COMMANDS else "window"
    parser = _Parser(
        prog="maclip-desktop",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description=textwrap.fill(_DESCRIPTION, _HELP_WIDTH),
        epilog=_commands_explained() if {"-h", "--help"} & set(given) and name == "window" else None,
    )
    parser.add_argument("--version", action="version", version=f"{APP_NAME} {__version__}")
    command = COMMANDS.get(name, _window)()
    target = parser
    if name in COMMANDS:
        subparsers = parser.add_subparsers(metavar="COMMAND", required=True)
        target = subparsers.add_parser(name, description=command.SUMMARY)
        # argparse leaves it to the outer parser to complain of options that the inner one does not know.
        parser.explained_by = target.prog
    command.add_options(target)
    _add_common(target)
    target.set_defaults(run=command.run, log_name=WINDOW_LOG if name == "window" else COMMANDS_LOG)
    return parser


def _commands_explained() -> str:
    """What each command is for; imports them all, so for those only who ask."""
    lines = ["commands ('maclip-desktop COMMAND --help' explains each):"]
    for name, command in COMMANDS.items():
        start = f"  {name:<{_HELP_INDENT - 2}}"
        lines += textwrap.wrap(start + command().SUMMARY, _HELP_WIDTH, subsequent_indent=" " * _HELP_INDENT)
    return "\n".join(lines)


def _add_common(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--library", metavar="FILE", help="the library file to use (default: the one of this user)")
    parser.add_argument("--verbose", action="store_true", help="say more about what is going on, on standard error")
