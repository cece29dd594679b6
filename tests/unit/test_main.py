"""The entry point: the program, or in a packed one the process that decodes for it."""

import sys
from collections.abc import Sequence

import pytest

from maclip_desktop import __main__, cli
from maclip_desktop.imaging.apart import child
from maclip_desktop.imaging.apart.process import CHILD_OPTION


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was started, in place of it."""
    called: list[str] = []

    def run_program() -> int:
        called.append("program")
        return 7

    def decode(helpers: Sequence[str]) -> None:
        called.append(f"child {list(helpers)}")
        raise SystemExit(0)

    monkeypatch.setattr(cli, "main", run_program)
    monkeypatch.setattr(child, "main", decode)
    return called


@pytest.mark.parametrize("packed", [False, True])
def test_the_program_runs(called: list[str], packed: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", packed, raising=False)
    monkeypatch.setattr(sys, "argv", ["maclip-desktop", "score"])
    assert __main__.main() == 7
    assert called == ["program"]


def test_a_packed_program_that_is_asked_to_decodes(called: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "argv", ["maclip-desktop", CHILD_OPTION, "helper"])
    with pytest.raises(SystemExit):
        __main__.main()
    assert called == ["child ['helper']"]
