"""Culling lists: every photo and every name comes back from the list as it was."""

import csv
import errno
import io
import json
import math
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maclip_desktop.core.flags import Decider, Flag
from maclip_desktop.core.photo import Capture, PhotoDetails, PhotoRow
from maclip_desktop.core.score import Cues, Reason, Score, TechnicalMeasures
from maclip_desktop.core.tiles import TileScores
from maclip_desktop.errors import ExportError
from maclip_desktop.exporting.culling_list import ListFormat, entry, render, write_list

HEADER = (
    "path,name,score,scorer,flag,reason,why,q_sim,q_mag,w_sim,w_mag,prompts,sharpness,exposure,contrast,noise,"
    "width,height,captured_at,camera,lens,exposure_s,f_number,iso,focal_mm,decided_by,views,model_id,files,error"
)
JSON_KEYS = {
    *("path", "score", "scorer", "model_id", "q_sim", "q_mag", "w_sim", "w_mag", "prompts", "views", "technical"),
    *("width", "height", "error", "flag", "decided_by", "reasons", "name", "captured_at", "camera"),
    *("why", "causes", "whole", "tiles", "files", "copies"),
    *("lens", "exposure_s", "f_number", "iso", "focal_mm", "has_gps", "camera_rating"),
}

posix_names = pytest.mark.skipif(sys.platform == "win32", reason="names that Windows does not allow")

# What a file may be called on Linux: any bytes but the slash and zero, read as Python reads them.
names = (
    st.binary(min_size=1, max_size=40)
    .map(lambda raw: raw.replace(b"/", b"_").replace(b"\0", b"_"))
    .filter(lambda raw: raw not in (b".", b".."))
    .map(os.fsdecode)
) | st.sampled_from(
    [
        "a,b.jpg",
        'say "x".jpg',
        "two\nlines.jpg",
        "cr\r.jpg",
        "📷🏔.jpg",
        "\u202egpj.exe",
        "=1+1.jpg",
        "\udcff.jpg",
        " .jpg",
    ]
)


def details(path: str = "/photos/IMG_1.jpg", score: Score | None = None, **row: object) -> PhotoDetails:
    return PhotoDetails(PhotoRow(id=1, folder_id=1, path=Path(path), size=10, mtime_ns=5, **row), score)  # type: ignore[arg-type]


@pytest.fixture
def scored() -> PhotoDetails:
    photo = details(
        score=Score(
            value=0.123456789,
            scorer="maclip",
            model_id="m1",
            views=10,
            cues=Cues(0.5, 1.25, 0.75, 0.25, {"Good image": 0.5}),
            technical=TechnicalMeasures(0.1, 0.2, 0.3, 1.0, 0.4, (Reason.BLURRED, Reason.TOO_DARK)),
        ),
        flag=Flag.REJECT,
        decided_by=Decider.PERSON,
        width=4000,
        height=3000,
        captured_at=1224693500.25,
        camera="NIKON D70",
        copies=2,
        beside=("IMG_1.NEF",),
    )
    return replace(photo, capture=Capture(120, "18-70mm", 0.004, 2.8, 400, 35.0, has_gps=True, rating=3))


@pytest.fixture
def failed() -> PhotoDetails:
    return details("/photos/bad.jpg", error="/photos/bad.jpg is empty (0 bytes); copy it again from the camera.")


def read_csv(data: bytes) -> list[dict[str, str]]:
    text = data.decode("utf-8", "surrogateescape")
    return list(csv.DictReader(io.StringIO(text, newline="")))


class TestCsv:
    def test_header_is_exact_and_lines_end_with_crlf(self) -> None:
        assert render([], ListFormat.CSV) == HEADER.encode() + b"\r\n"

    def test_a_scored_photo_fills_its_line(self, scored: PhotoDetails) -> None:
        [line] = read_csv(render([scored], ListFormat.CSV))
        assert line == {
            "path": str(scored.row.path.absolute()),
            "name": "IMG_1.jpg",
            "score": "0.123457",
            "scorer": "maclip",
            "flag": "reject",
            "decided_by": "person",
            "reason": "blurred; too dark",
            "why": "Measures as blurred.",
            "q_sim": "0.5",
            "q_mag": "1.25",
            "w_sim": "0.75",
            "w_mag": "0.25",
            "prompts": "good 0.5",
            "sharpness": "0.1",
            "exposure": "0.2",
            "contrast": "0.3",
            "noise": "1",
            "width": "4000",
            "height": "3000",
            "captured_at": "2008-10-22T16:38:20.250+02:00",
            "camera": "NIKON D70",
            "lens": "18-70mm",
            "exposure_s": "0.004",
            "f_number": "2.8",
            "iso": "400",
            "focal_mm": "35",
            "files": "IMG_1.NEF",
            "views": "10",
            "model_id": "m1",
            "error": "",
        }

    def test_prompts_are_in_plain_words_and_good_comes_last(self) -> None:
        cues = Cues(0.5, 0.5, 0.5, 0.5, {"Good image": 0.25, "Sharp image": 0.75, "my own": 1.0})
        [line] = read_csv(render([details(score=Score(0.5, "maclip", "m1", 1, cues=cues))], ListFormat.CSV))
        assert line["prompts"] == "sharp 0.75; good 0.25; my own 1"

    def test_a_failed_photo_has_an_error_and_no_score(self, failed: PhotoDetails) -> None:
        [line] = read_csv(render([failed], ListFormat.CSV))
        assert line["error"] == failed.row.error
        assert {line[column] for column in ("score", "scorer", "flag", "q_sim", "sharpness", "captured_at")} == {""}

    @pytest.mark.parametrize(
        ("value", "text"),
        [(0.0, "0"), (-0.0000001, "0"), (1e-5, "0.00001"), (2.5, "2.5"), (1e7, "10000000"), (math.nan, "")],
    )
    def test_numbers_have_a_point_and_at_most_six_decimals(self, value: float, text: str) -> None:
        assert read_csv(render([details(score=Score(value, "technical", "t"))], ListFormat.CSV))[0]["score"] == text

    @pytest.mark.parametrize(
        ("seconds", "text"),
        [(0.0, "1970-01-01T00:00:00"), (-1.5, "1969-12-31T23:59:58.500"), (1e300, ""), (None, "")],
    )
    def test_capture_time_has_no_zone_where_none_is_known(self, seconds: float | None, text: str) -> None:
        assert read_csv(render([details(captured_at=seconds)], ListFormat.CSV))[0]["captured_at"] == text

    @posix_names
    @given(st.lists(names, max_size=5))
    def test_every_name_comes_back_byte_for_byte(self, given_names: list[str]) -> None:
        lines = read_csv(render([details(f"/photos/{name}") for name in given_names], ListFormat.CSV))
        assert [os.fsencode(line["path"]) for line in lines] == [os.fsencode(f"/photos/{name}") for name in given_names]
        assert [line["name"] for line in lines] == given_names


class TestJson:
    def test_keys_are_exact_for_scored_and_failed_photos(self, scored: PhotoDetails, failed: PhotoDetails) -> None:
        assert [set(item) for item in json.loads(render([scored, failed], ListFormat.JSON))] == [JSON_KEYS, JSON_KEYS]

    def test_values_of_a_scored_photo(self, scored: PhotoDetails) -> None:
        assert entry(scored) == {
            "path": str(scored.row.path.absolute()),
            "name": scored.row.path.name,
            "score": 0.123456789,
            "scorer": "maclip",
            "model_id": "m1",
            "q_sim": 0.5,
            "q_mag": 1.25,
            "w_sim": 0.75,
            "w_mag": 0.25,
            "prompts": {"Good image": 0.5},
            "views": 10,
            "technical": {
                "sharpness": 0.1,
                "exposure": 0.2,
                "contrast": 0.3,
                "noise": 1.0,
                "score": 0.4,
                "reasons": ["blurred", "too dark"],
            },
            "width": 4000,
            "height": 3000,
            "files": [str(scored.row.path.absolute()), str(scored.row.path.with_name("IMG_1.NEF").absolute())],
            "copies": 2,
            "captured_at": "2008-10-22T16:38:20.250+02:00",
            "camera": scored.row.camera,
            "lens": "18-70mm",
            "exposure_s": 0.004,
            "f_number": 2.8,
            "iso": 400,
            "focal_mm": 35.0,
            "has_gps": True,
            "camera_rating": 3,
            "error": None,
            "flag": "reject",
            "decided_by": "person",
            "reasons": ["blurred", "too dark"],
            "why": "Measures as blurred.",
            "causes": ["Measures as blurred.", "Measures as too dark."],
            "whole": None,
            "tiles": [],
        }

    def test_tiles_have_their_places_in_parts_of_the_photo(self) -> None:
        tiles = TileScores(448, 224, (0.25, 1 / 3), 0.5)
        [item] = json.loads(render([details(score=Score(0.3, "maclip", "m", tiles=tiles))], ListFormat.JSON))
        assert item["whole"] == 0.5
        assert item["tiles"] == [
            {"left": 0.0, "top": 0.0, "width": 0.5, "height": 1.0, "score": 0.25},
            {"left": 0.285714, "top": 0.0, "width": 0.5, "height": 1.0, "score": 1 / 3},
        ]

    def test_a_tile_takes_one_line(self) -> None:
        tiles = TileScores(448, 224, (0.25, 0.5), 0.5)
        photos = [details(score=Score(0.3, "maclip", "m", tiles=tiles))] * 2
        lines = render(photos, ListFormat.JSON).decode().splitlines()
        assert sum('"left"' in line and '"score"' in line for line in lines) == 4

    def test_a_photo_without_a_fault_says_so(self) -> None:
        item = entry(details(score=Score(0.9, "maclip", "m")))
        assert (item["why"], item["causes"]) == ("Nothing stands out as wrong.", [])

    def test_a_failed_photo_gives_no_reasons(self, failed: PhotoDetails) -> None:
        item = entry(failed)
        assert (item["why"], item["causes"], item["reasons"]) == (None, [], [])

    def test_a_failed_photo_has_a_null_score_and_its_error(self, failed: PhotoDetails) -> None:
        [item] = json.loads(render([failed], ListFormat.JSON))
        assert item["score"] is None
        assert item["error"] == failed.row.error

    def test_an_empty_list_is_an_empty_list(self) -> None:
        assert json.loads(render([], ListFormat.JSON)) == []

    def test_no_value_is_nan(self) -> None:
        cues = Cues(math.inf, 0.0, 1.0, 0.0, {"x": -math.inf})
        photo = details(
            score=Score(math.nan, "maclip", "m", cues=cues, tiles=TileScores(224, 224, (math.nan,), math.nan))
        )
        [item] = json.loads(render([photo], ListFormat.JSON), parse_constant=lambda word: pytest.fail(word))
        assert (item["score"], item["q_sim"], item["prompts"]) == (None, None, {"x": None})
        assert (item["tiles"][0]["score"], item["whole"]) == (None, None)

    @posix_names
    @given(st.lists(names, max_size=5))
    def test_every_name_comes_back(self, given_names: list[str]) -> None:
        text = render([details(f"/photos/{name}") for name in given_names], ListFormat.JSON).decode("utf-8")
        assert [item["path"] for item in json.loads(text)] == [f"/photos/{name}" for name in given_names]


@posix_names
class TestText:
    def test_one_absolute_path_a_line(self) -> None:
        photos = [details("/photos/b.jpg"), details("/photos/a.jpg")]
        assert render(photos, ListFormat.TXT) == b"/photos/b.jpg\n/photos/a.jpg\n"

    def test_every_file_of_a_photo_has_its_line(self) -> None:
        assert (
            render([details("/photos/a.jpg", beside=("a.CR2",))], ListFormat.TXT) == b"/photos/a.jpg\n/photos/a.CR2\n"
        )

    def test_a_relative_path_is_made_absolute(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path)
        assert render([details("sub/../a.jpg")], ListFormat.TXT) == os.fsencode(tmp_path / "a.jpg") + b"\n"

    @given(names.filter(lambda name: "\n" not in name and "\r" not in name))
    def test_every_name_is_written_in_its_own_bytes(self, name: str) -> None:
        assert render([details(f"/photos/{name}")], ListFormat.TXT) == b"/photos/" + os.fsencode(name) + b"\n"

    @pytest.mark.parametrize("name", ["two\nlines.jpg", "end\r"])
    def test_a_name_with_a_line_break_is_refused_before_anything_is_written(self, name: str) -> None:
        out = io.BytesIO()
        with pytest.raises(ExportError, match="line break"):
            write_list([details("/photos/a.jpg"), details(f"/photos/{name}")], ListFormat.TXT, None, out)
        assert out.getvalue() == b""


class TestWriteList:
    @pytest.mark.parametrize("form", list(ListFormat))
    def test_file_and_standard_output_get_the_same(
        self, form: ListFormat, scored: PhotoDetails, tmp_path: Path
    ) -> None:
        out, stream = tmp_path / "list", io.BytesIO()
        write_list([scored], form, out)
        write_list([scored], form, None, stream)
        assert out.read_bytes() == stream.getvalue() == render([scored], form)

    def test_the_stream_is_standard_output_unless_told_otherwise(
        self, scored: PhotoDetails, capfdbinary: pytest.CaptureFixture[bytes]
    ) -> None:
        write_list([scored], ListFormat.TXT, None)
        assert capfdbinary.readouterr().out == render([scored], ListFormat.TXT)

    def test_a_reader_that_has_gone_away_is_left_to_the_caller(self, scored: PhotoDetails) -> None:
        with pytest.raises(BrokenPipeError):
            write_list([scored], ListFormat.TXT, None, _Failing(BrokenPipeError(errno.EPIPE, "Broken pipe")))

    def test_a_full_disk_behind_standard_output_is_told(self, scored: PhotoDetails) -> None:
        with pytest.raises(ExportError, match="standard output"):
            write_list([scored], ListFormat.TXT, None, _Failing(OSError(errno.ENOSPC, "No space left on device")))

    def test_entries_are_made_one_after_another(self, scored: PhotoDetails, tmp_path: Path) -> None:
        """A list of 100,000 photos must not stand in memory twice: no chunk holds more than one photo."""
        sizes = _Sizes()
        write_list([scored] * 500, ListFormat.JSON, None, sizes)
        assert max(sizes.seen) < 2 * len(render([scored], ListFormat.JSON))


class _Failing(io.BytesIO):
    def __init__(self, error: OSError) -> None:
        super().__init__()
        self._error = error

    def writelines(self, lines: object) -> None:
        raise self._error


class _Sizes(io.BytesIO):
    seen: tuple[int, ...] = ()

    def writelines(self, lines: Iterator[bytes]) -> None:  # type: ignore[override]
        self.seen = tuple(len(line) for line in lines)


class TestNothingPreciousIsReplaced:
    def refused(self, out: Path, *photos: PhotoDetails) -> str:
        before = out.read_bytes() if out.exists() else None
        with pytest.raises(ExportError) as caught:
            write_list(photos, ListFormat.JSON, out)
        assert (out.read_bytes() if out.exists() else None) == before
        assert str(caught.value).startswith(str(out))
        return str(caught.value)

    @pytest.mark.parametrize("name", ["a.jpg", "A.NEF", "new.tiff"])
    def test_a_photo_by_its_name(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "a.jpg").write_bytes(b"a photo")
        assert "is a photo" in self.refused(tmp_path / name)

    @pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
    def test_a_photo_behind_a_link(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_bytes(b"a photo")
        (tmp_path / "list.json").symlink_to(tmp_path / "a.jpg")
        assert "is a photo" in self.refused(tmp_path / "list.json")

    def test_a_photo_of_the_list_whatever_its_name(self, tmp_path: Path) -> None:
        path = tmp_path.resolve() / "scan.data"
        path.write_bytes(b"a photo")
        assert "is a photo" in self.refused(path, details(str(path), content_hash="1"))

    def test_a_library(self, tmp_path: Path) -> None:
        (tmp_path / "library.db").write_bytes(b"SQLite format 3\0 and so on")
        assert "is a library" in self.refused(tmp_path / "library.db")

    def test_an_older_list_is_replaced_also_where_it_has_an_entry_itself(self, tmp_path: Path) -> None:
        out = tmp_path / "list.json"
        for _ in range(2):
            write_list([details(str(out))], ListFormat.JSON, out)
        assert len(json.loads(out.read_text())) == 1
