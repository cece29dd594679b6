"""The command line in this process, with application folders of its own."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from maclip_desktop.cli import main
from maclip_desktop.commands import score as score_command
from maclip_desktop.paths import AppPaths
from tests.helpers.fakes import FakeScorer, loading


@dataclass(frozen=True)
class Done:
    """What a command left: its exit code and what it said."""

    code: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture
def run(app_paths: AppPaths, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs the program with the arguments given."""

    def call(*arguments: str | Path) -> Done:
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as exit_:  # argparse
            code = int(exit_.code or 0)
        said = capsys.readouterr()
        assert "Traceback" not in said.out + said.err
        return Done(code, said.out, said.err)

    return call


@pytest.fixture
def scorer(monkeypatch: pytest.MonkeyPatch) -> FakeScorer:
    """The scorer of the ``score`` command: brightness instead of quality."""
    fake = FakeScorer()
    monkeypatch.setattr(score_command, "create_scorer", loading(fake))
    return fake


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    return folder
