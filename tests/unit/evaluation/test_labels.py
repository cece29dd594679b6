"""Label files: what is understood, what is left out, and what is refused with a sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from maclip_desktop.errors import UsageError
from maclip_desktop.evaluation.labels import Label, read_labels


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "labels"


def as_json(*entries: Any) -> str:
    return json.dumps(list(entries))


class TestWhatIsUnderstood:
    def test_the_papers_json(self, file: Path, images: Path) -> None:
        file.write_text(as_json({"img_path": "a.jpg", "gt_score": 3}, {"img_path": "sub/b.jpg", "gt_score": 4.5}))
        assert read_labels(file, images).entries == (Label("a.jpg", 3.0), Label("sub/b.jpg", 4.5))

    @pytest.mark.parametrize(
        "header", ["img_path,gt_score", "path,mos", "Image Name,MOS", "image-name,mos", "filename,score"]
    )
    def test_csv_with_the_usual_names_of_columns(self, file: Path, images: Path, header: str) -> None:
        file.write_text(f"{header}\na.jpg,3\n")
        labels = read_labels(file, images)
        assert labels.entries == (Label("a.jpg", 3.0),)
        assert labels.fields == tuple(header.split(","))

    def test_the_papers_names_win_over_others(self, file: Path, images: Path) -> None:
        file.write_text("name,mos,gt_score,img_path\nx.jpg,1,2,a.jpg\n")
        assert read_labels(file, images).entries == (Label("a.jpg", 2.0),)

    @pytest.mark.parametrize("delimiter", [";", "\t"])
    def test_csv_with_other_separators(self, file: Path, images: Path, delimiter: str) -> None:
        file.write_text(f"path{delimiter}mos\na,b.jpg{delimiter}3.5\n")
        assert read_labels(file, images).entries == (Label("a,b.jpg", 3.5),)

    def test_csv_as_excel_writes_it(self, file: Path, images: Path) -> None:
        file.write_bytes("\ufeffpath,mos\r\nснимок.jpg,3.5\r\n\r\n".encode())
        assert read_labels(file, images).entries == (Label("снимок.jpg", 3.5),)

    def test_numbers_written_as_text_in_json(self, file: Path, images: Path) -> None:
        file.write_text(as_json({"img_path": "a.jpg", "gt_score": "3.5"}))
        assert read_labels(file, images).entries == (Label("a.jpg", 3.5),)

    @pytest.mark.parametrize("path", ["./sub/a.jpg", "sub\\a.jpg", "sub//a.jpg", "x/../sub/a.jpg"])
    def test_a_path_has_one_form(self, file: Path, images: Path, path: str) -> None:
        file.write_text(as_json({"img_path": path, "gt_score": 1}))
        assert read_labels(file, images).entries == (Label("sub/a.jpg", 1.0),)

    def test_an_absolute_path_into_the_folder(self, file: Path, images: Path) -> None:
        file.write_text(as_json({"img_path": str(images / "a.jpg"), "gt_score": 1}))
        assert read_labels(file, images).entries == (Label("a.jpg", 1.0),)


class TestWhatIsLeftOut:
    @pytest.mark.parametrize("missing", [{"img_path": "b.jpg"}, {"img_path": "b.jpg", "gt_score": None}])
    def test_an_entry_without_an_opinion_in_json(self, file: Path, images: Path, missing: Any) -> None:
        file.write_text(as_json({"img_path": "a.jpg", "gt_score": 3}, missing))
        labels = read_labels(file, images)
        assert labels.entries == (Label("a.jpg", 3.0),)
        assert labels.notices() == ["Left out because they have no opinion score: 1 entry (entry 2)."]

    def test_lines_without_an_opinion_are_counted(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\na.jpg,3\nb.jpg,\nc.jpg\nd.jpg, \ne.jpg,\n")
        labels = read_labels(file, images)
        assert labels.unrated == ("line 3", "line 4", "line 5", "line 6")
        assert labels.notices() == [
            "Left out because they have no opinion score: 4 entries (line 3, line 4, line 5, ...)."
        ]

    def test_the_same_opinion_twice_counts_once(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\na.jpg,3\n./a.jpg,3.0\n")
        labels = read_labels(file, images)
        assert labels.entries == (Label("a.jpg", 3.0),)
        assert labels.repeated == ("line 3",)


def refusal(file: Path, images: Path) -> str:
    with pytest.raises(UsageError) as caught:
        read_labels(file, images)
    sentence = str(caught.value)
    assert "\n" not in sentence and str(file) in sentence
    return sentence


class TestWhatIsRefused:
    @pytest.mark.parametrize("given", ["good", "nan", "inf", "1e999", "3,5x"])
    def test_an_opinion_that_is_no_number_in_csv(self, file: Path, images: Path, given: str) -> None:
        file.write_text(f'path,mos\na.jpg,3\nb.jpg,"{given}"\n')
        assert f"line 3: the opinion score of b.jpg is {given!r}, which is no number" in refusal(file, images)

    @pytest.mark.parametrize("given", ["true", "[1]", "NaN", "Infinity", "1" + "0" * 400])
    def test_an_opinion_that_is_no_number_in_json(self, file: Path, images: Path, given: str) -> None:
        file.write_text(f'[{{"img_path": "a.jpg", "gt_score": {given}}}]')
        assert "entry 1: the opinion score of a.jpg" in refusal(file, images)

    def test_two_opinions_of_one_photo(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\na.jpg,3\nb.jpg,1\na.jpg,4\n")
        assert "line 4: a.jpg has the opinion score 4 here, but 3 in line 2" in refusal(file, images)

    def test_a_missing_path(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\n,3\n")
        assert "line 2: the path of the photo is missing" in refusal(file, images)

    @pytest.mark.parametrize("path", ["../secret.jpg", "/etc/passwd", "a/../../b.jpg", ".", "..\\b.jpg", "a\0b"])
    def test_a_path_that_leads_elsewhere(self, file: Path, images: Path, path: str) -> None:
        file.write_text(as_json({"img_path": path, "gt_score": 3}))
        assert "entry 1:" in refusal(file, images)
        assert f"does not lead to a file in the folder {images}" in refusal(file, images)

    def test_the_first_of_several_is_named_and_the_others_counted(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\na.jpg,x\nb.jpg,y\nc.jpg,z\n")
        assert "line 2" in refusal(file, images)
        assert "2 more entries are wrong as well" in refusal(file, images)

    def test_a_line_with_too_many_cells(self, file: Path, images: Path) -> None:
        file.write_text("path,mos\na.jpg,3,5\n")
        assert "line 2: it has 3 cells, but the header has 2" in refusal(file, images)

    def test_lines_are_counted_as_an_editor_does(self, file: Path, images: Path) -> None:
        file.write_text('\n\npath,mos,note\na.jpg,3,"two\nlines"\n\nb.jpg,x,\n')
        assert "line 7" in refusal(file, images)

    def test_a_csv_without_a_header(self, file: Path, images: Path) -> None:
        file.write_text("a.jpg,3\nb.jpg,4\n")
        sentence = refusal(file, images)
        assert "no field for the photo's path" in sentence and "'a.jpg'" in sentence

    def test_differences_are_not_taken_for_opinions(self, file: Path, images: Path) -> None:
        file.write_text("path,dmos\na.jpg,3\n")
        assert "no field for the opinion score" in refusal(file, images)

    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (b"", "is empty"),
            (b"  \n ", "is empty"),
            (b"[{", "no valid JSON"),
            (b'{"img_path": "a.jpg"}', "should be a JSON list"),
            (b"[" * 100_000, "no list of labels"),
            (b"[1, 2]", "no field for the photo's path"),
            (b"[]", "no field for the photo's path"),
            (b"\xff\xd8\xff\xe0photo", "not text in UTF-8"),
            (b"path,mos\n", "holds no opinion scores"),
            (b"path,mos\na.jpg,\n", "holds no opinion scores"),
            (b'path,mos\n"' + b"a" * 200_000 + b'",3\n', "no valid CSV"),
        ],
    )
    def test_a_file_that_is_something_else(self, file: Path, images: Path, content: bytes, reason: str) -> None:
        file.write_bytes(content)
        assert reason in refusal(file, images)

    def test_an_entry_that_is_no_object(self, file: Path, images: Path) -> None:
        file.write_text(as_json({"img_path": "a.jpg", "gt_score": 3}, ["b.jpg", 4]))
        assert "entry 2" in refusal(file, images)

    def test_a_file_that_is_not_there(self, file: Path, images: Path) -> None:
        assert "There is no file of labels" in refusal(file, images)

    def test_a_folder(self, tmp_path: Path, images: Path) -> None:
        assert "is a folder" in refusal(tmp_path, images)
