"""Files of prompt pairs."""

from pathlib import Path

import pytest

from maclip_desktop.errors import UsageError
from maclip_desktop.scoring.prompts_file import MAX_BYTES, read_prompts

PAIRS = (("Good image", "bad image"), ("crisp", "foggy"))


def written(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "prompts"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        '[["Good image", "bad image"], ["crisp", "foggy"]]',
        ' \n[["Good image ", " bad image"], ["crisp", "foggy"]]\n',
        "Good image / bad image\ncrisp / foggy\n",
        "Good image\tbad image\r\ncrisp\tfoggy",
        "# mine\n\nGood image / bad image\n  # more\n crisp  /  foggy \n",
        b"\xef\xbb\xbfGood image / bad image\ncrisp\tfoggy",
    ],
)
def test_pairs_are_read_from_json_and_from_lines(tmp_path: Path, content: str | bytes) -> None:
    assert read_prompts(written(tmp_path, content)) == PAIRS


def test_a_slash_within_a_prompt_is_part_of_it(tmp_path: Path) -> None:
    assert read_prompts(written(tmp_path, "24/7 sharp / out of focus")) == (("24/7 sharp", "out of focus"),)
    assert read_prompts(written(tmp_path, "black / white\tgrey")) == (("black / white", "grey"),)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("", "holds no prompts"),
        ("# nothing but a remark", "holds no prompts"),
        ("[]", "holds no prompts"),
        ("Good image", "Line 1 in"),
        ("crisp / foggy\na / b / c", "Line 2 in"),
        ('[["crisp", "foggy"], ["alone"]]', "Pair 2 in"),
        ('[["crisp", 3]]', "Pair 1 in"),
        ('["crisp", "foggy"]', "Pair 1 in"),
        ('{"crisp": "foggy"}', "is not a list of pairs"),
        ('[["crisp",\n "foggy"', "is not JSON in line 2"),
        ("[" * 100_000, "is not a list of pairs"),
        ("crisp / foggy\ncrisp / hazy", "the same positive prompt"),
        ("crisp / " + "x" * 300, "A prompt must have 1 to 200 letters"),
        ("crisp\t", "A prompt must have 1 to 200 letters"),
        (b"\xff\xfe\x00c", "is no text in UTF-8"),
        (b"x" * (MAX_BYTES + 1), "is too large"),
    ],
)
def test_what_is_no_list_of_pairs_is_refused_in_one_sentence(tmp_path: Path, content: str | bytes, says: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(UsageError) as caught:
        read_prompts(path)
    assert says in str(caught.value)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file"):
        read_prompts(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="cannot be read"):
        read_prompts(tmp_path)
