"""Is there a screen, and what is missing to use it?"""

import sys

import pytest

from maclip_desktop import display
from maclip_desktop.display import has_display, missing_packages, require_display
from maclip_desktop.errors import UserFacingError

linux_only = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of Linux only")


@pytest.mark.parametrize(
    ("environment", "platform", "there"),
    [
        ({}, "linux", False),
        ({"DISPLAY": ""}, "linux", False),
        ({"DISPLAY": ":0"}, "linux", True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, "linux", True),
        ({}, "win32", True),
        ({}, "darwin", True),
    ],
)
def test_where_there_is_a_screen(environment: dict[str, str], platform: str, there: bool) -> None:
    assert has_display(environment, platform) is there


def _nothing_loads(name: str) -> None:
    raise OSError(f"{name}: cannot open shared object file")


@linux_only
class TestPackages:
    def test_nothing_is_missing_where_all_loads(self) -> None:
        assert missing_packages(True, load=lambda name: None) == []

    def test_what_does_not_load_is_named_as_the_package_to_install(self) -> None:
        assert "libegl1" in missing_packages(False, load=_nothing_loads)
        assert "libxcb-cursor0" not in missing_packages(False, load=_nothing_loads)
        assert "libxcb-cursor0" in missing_packages(True, load=_nothing_loads)

    def test_other_systems_bring_them_along(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(sys, "platform", "win32")
        assert missing_packages(True, load=_nothing_loads) == []

    def test_missing_ones_are_one_sentence_with_the_mend(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "missing_packages", lambda with_screen: ["libegl1", "libgl1"])
        with pytest.raises(UserFacingError, match="apt-get install libegl1 libgl1"):
            display.require_libraries(with_screen=False)


class TestTheWindow:
    @pytest.fixture(autouse=True)
    def libraries(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "missing_packages", lambda with_screen: [])
        monkeypatch.delenv("QT_QPA_PLATFORM")

    @linux_only
    def test_cannot_be_on_a_screen_that_does_not_answer(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("DISPLAY", ":4711")
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        with pytest.raises(UserFacingError, match=":4711 does not answer"):
            require_display()

    def test_cannot_be_without_a_screen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "has_display", lambda: False)
        with pytest.raises(UserFacingError, match="demo --headless"):
            require_display()

    def test_can_be_off_screen_if_asked_for(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "has_display", lambda: False)
        monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
        require_display()

    def test_can_be_on_a_screen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(display, "has_display", lambda: True)
        require_display()
