"""Settings survive a restart; whatever the file holds, the program starts."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from maclip_desktop.settings import Settings, load_settings, save_settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def write(file: Path, text: str) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text, encoding="utf-8")
    return file


def test_what_was_saved_is_loaded(file: Path) -> None:
    chosen = Settings("name", "picks", 0.125, "technical", "/weights/größe.pt", "Zm9v", "YmFy", True)
    save_settings(chosen, file)
    assert load_settings(file) == chosen


def test_without_a_file_there_are_defaults(file: Path) -> None:
    assert load_settings(file) == Settings()
    assert not file.parent.exists()


@pytest.mark.parametrize("text", ["", "{", "[]", "null", "17", '"text"', "[[[[", "\x00"])
def test_a_damaged_file_gives_defaults(file: Path, text: str) -> None:
    assert load_settings(write(file, text)) == Settings()


def test_a_file_that_is_no_text_gives_defaults(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\xff\xfe\x00\xd8")
    assert load_settings(file) == Settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sort_order", "upside down"),
        ("sort_order", 3),
        ("flag_filter", None),
        ("threshold", "0.5"),
        ("threshold", True),
        ("threshold", float("nan")),
        ("threshold", float("inf")),
        ("threshold", 10**400),
        ("scorer", "magic"),
        ("weights", ["a"]),
        ("window_geometry", 5),
        ("heat_map", 1),
        ("heat_map", "yes"),
    ],
)
def test_one_wrong_value_gets_its_default_and_the_others_stay(file: Path, name: str, value: Any) -> None:
    stored = {"threshold": 0.7, "splitter_state": "YmFy"} | {name: value}
    loaded = load_settings(write(file, json.dumps(stored)))
    assert getattr(loaded, name) == getattr(Settings(), name)
    assert loaded.splitter_state == "YmFy"


def test_a_whole_number_is_a_threshold_too(file: Path) -> None:
    assert load_settings(write(file, '{"threshold": 1}')).threshold == 1.0


def test_settings_of_a_newer_version_do_no_harm(file: Path) -> None:
    assert load_settings(write(file, '{"threshold": 0.5, "telepathy": true}')).threshold == 0.5


def test_saving_leaves_nothing_else_behind(file: Path) -> None:
    save_settings(Settings(), file)
    save_settings(Settings(threshold=0.9), file)
    assert list(file.parent.iterdir()) == [file]


def test_an_unknown_order_cannot_be_set() -> None:
    with pytest.raises(ValueError, match="upside down"):
        Settings(sort_order="upside down")


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda inner: st.lists(inner, max_size=3)
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(stored=st.dictionaries(st.sampled_from([*Settings.__dataclass_fields__, "other"]), _json))
def test_any_values_at_all_load(file: Path, stored: dict[str, Any]) -> None:
    loaded = load_settings(write(file, json.dumps(stored)))
    save_settings(loaded, file)
    assert load_settings(file) == loaded


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
def test_on_a_full_disk_the_old_settings_stay(file: Path) -> None:
    save_settings(Settings(threshold=0.25), file)
    file.with_suffix(".tmp").symlink_to("/dev/full")
    with pytest.raises(OSError, match="No space left"):
        save_settings(Settings(threshold=0.75), file)
    assert load_settings(file).threshold == 0.25
    assert list(file.parent.iterdir()) == [file]
