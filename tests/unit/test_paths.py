"""Every folder the program uses, in one place."""

import sys
from pathlib import Path

import pytest

from maclip_desktop.errors import UserFacingError
from maclip_desktop.paths import AppPaths, resources_dir


def test_one_variable_moves_all_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MACLIP_HOME", str(tmp_path / "home"))
    paths = AppPaths.default()
    assert paths == AppPaths.below(tmp_path / "home")
    for path in (paths.library_file, paths.thumbnails, paths.weights, paths.settings_file, paths.logs):
        assert path.is_relative_to(tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_a_relative_home_is_made_absolute(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MACLIP_HOME", "here")
    assert AppPaths.default().data.is_absolute()


@pytest.mark.parametrize("value", [None, ""])
def test_without_it_they_are_the_user_s_own(monkeypatch: pytest.MonkeyPatch, value: str | None) -> None:
    monkeypatch.delenv("MACLIP_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("MACLIP_HOME", value)
    assert "maclip-desktop" in str(AppPaths.default().library_file)


def test_the_program_s_picture_is_found_in_a_checkout() -> None:
    assert (resources_dir() / "icons" / "maclip-desktop.svg").is_file()


def test_a_frozen_program_brings_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    bundled = tmp_path / "maclip_desktop" / "resources"
    bundled.mkdir(parents=True)
    monkeypatch.setattr(sys, "_MEIPASS", str(tmp_path), raising=False)
    assert resources_dir() == bundled


def test_without_a_home_the_mend_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    class NoHome:
        """What platformdirs gives where nothing tells of a home."""

        user_data_dir = user_cache_dir = user_config_dir = user_log_dir = "~/.local/share/maclip-desktop"

    monkeypatch.delenv("MACLIP_HOME", raising=False)
    monkeypatch.setattr("maclip_desktop.paths.PlatformDirs", lambda *_, **__: NoHome)
    with pytest.raises(UserFacingError, match="MACLIP_HOME"):
        AppPaths.default()
