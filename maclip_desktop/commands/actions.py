"""Commands that are several: the first word behind them says what is to be done."""

import argparse
from collections.abc import Callable
from typing import Any


def add_action(actions: Any, name: str, action: Callable[..., int], summary: str) -> argparse.ArgumentParser:
    """One of the *actions* (what ``add_subparsers`` gives) of a command; its parser, for options of its own.

    *action* is what ``options.action`` will be.
    """
    parser: argparse.ArgumentParser = actions.add_parser(name, help=summary, description=summary)
    parser.set_defaults(action=action)
    # Every command takes these; here they may stand behind the action as well.
    parser.add_argument("--library", metavar="FILE", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    parser.add_argument("--verbose", action="store_true", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
    return parser
