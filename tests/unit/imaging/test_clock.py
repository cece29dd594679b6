"""The camera's clock, and what it was ahead of UTC."""

from typing import Any

import pytest
from PIL.ExifTags import Base

from maclip_desktop.imaging.clock import moment_of, zone_minutes

NOON = 1795262400.0
"""2026-11-21 12:00:00 read as UTC."""


def seconds(tags: dict[int, Any]) -> float | None:
    moment = moment_of(tags)
    return moment.seconds if moment else None


def zone(tags: dict[int, Any]) -> int | None:
    moment = moment_of(tags)
    assert moment is not None
    return moment.zone_minutes


class TestCaptureTime:
    def test_the_moment_of_the_shutter_comes_first(self) -> None:
        tags: dict[int, Any] = {
            Base.DateTime: "2026:11:21 14:00:00",
            Base.DateTimeDigitized: "2026:11:21 13:00:00",
            Base.DateTimeOriginal: "2026:11:21 12:00:00",
        }
        assert seconds(tags) == NOON

    @pytest.mark.parametrize("tag", [Base.DateTimeOriginal, Base.DateTimeDigitized, Base.DateTime])
    def test_any_of_the_three_will_do(self, tag: int) -> None:
        assert seconds({tag: "2026:11:21 12:00:00"}) == NOON

    @pytest.mark.parametrize(
        "text", ["0000:00:00 00:00:00", "    :  :     :  :  ", "2026:13:45 12:00:00", "", "garbage"]
    )
    def test_an_empty_or_impossible_time_gives_way_to_the_next(self, text: str) -> None:
        assert seconds({Base.DateTimeOriginal: text, Base.DateTime: "2026:11:21 12:00:00"}) == NOON
        assert seconds({Base.DateTimeOriginal: text}) is None

    @pytest.mark.parametrize(
        "text", ["2026:11:21 12:00:00\0", "2026-11-21 12:00:00", "2026-11-21T12:00:00+02:00", "2026/11/21 12:00:00.5"]
    )
    def test_other_ways_of_writing_are_understood(self, text: str) -> None:
        assert seconds({Base.DateTimeOriginal: text}) == NOON

    @pytest.mark.parametrize(("digits", "fraction"), [("5", 0.5), ("05", 0.05), ("123 ", 0.123), ("", 0.0), ("x", 0.0)])
    def test_fractions_of_a_second_count(self, digits: str, fraction: float) -> None:
        tags: dict[int, Any] = {Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: digits}
        assert seconds(tags) == pytest.approx(NOON + fraction, abs=1e-6)

    def test_a_fraction_belongs_to_its_own_time(self) -> None:
        tags: dict[int, Any] = {Base.DateTime: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: "5"}
        assert seconds(tags) == NOON

    def test_times_before_1970_are_negative(self) -> None:
        assert seconds({Base.DateTimeOriginal: "1969:12:31 23:59:59"}) == -1.0


class TestZone:
    @pytest.mark.parametrize(
        ("words", "minutes"),
        [
            ("+02:00", 120),
            ("-03:30", -210),
            ("+0545", 345),
            ("+2", 120),
            ("-9", -540),
            ("+14:00", 840),
            ("-12:00", -720),
            ("\u221203:00", -180),
            ("Z", 0),
            ("utc", 0),
            ("GMT+1", 60),
            ("UTC -05:00", -300),
            ("+01:00:00", 60),
            ("", None),
            ("   :  ", None),
            ("02:00", None),
            ("+25:00", None),
            ("+14:01", None),
            ("+02:75", None),
            ("Europe/Paris", None),
            ("+", None),
        ],
    )
    def test_ways_of_writing(self, words: str, minutes: int | None) -> None:
        assert zone_minutes(words) == minutes

    def test_belongs_to_its_own_time(self) -> None:
        tags: dict[int, Any] = {
            Base.DateTimeOriginal: "2026:11:21 12:00:00",
            Base.OffsetTimeOriginal: "+01:00\0",
            Base.DateTime: "2026:11:22 20:00:00",
            Base.OffsetTime: "-08:00",
        }
        assert zone(tags) == 60
        del tags[Base.OffsetTimeOriginal]
        assert zone(tags) is None, "the picture was edited later, perhaps at the other end of the world"

    def test_of_another_time_will_do_where_both_are_the_same_second(self) -> None:
        noon = "2026:11:21 12:00:00"
        tags: dict[int, Any] = {Base.DateTimeOriginal: noon, Base.DateTime: noon, Base.OffsetTime: "+02:00"}
        assert zone(tags) == 120

    def test_may_stand_behind_the_time_itself(self) -> None:
        assert zone({Base.DateTimeOriginal: "2026-11-21T12:00:00.5-03:00"}) == -180
        assert zone({Base.DateTime: "2026-11-21T12:00:00Z"}) == 0

    @pytest.mark.parametrize(("hours", "minutes"), [(2, 120), ((-5, 1), -300), (0, 0), (99, None), ("x", None)])
    def test_old_files_name_whole_hours(self, hours: Any, minutes: int | None) -> None:
        assert zone({Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.TimeZoneOffset: hours}) == minutes

    def test_a_file_that_names_none_has_none(self) -> None:
        assert zone({Base.DateTimeOriginal: "2026:11:21 12:00:00"}) is None

    def test_does_not_move_the_clock(self) -> None:
        tags: dict[int, Any] = {Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.OffsetTimeOriginal: "+02:00"}
        assert seconds(tags) == NOON
