"""Flags are numbers that XMP knows and words that people read."""

import pytest

from maclip_desktop.core.flags import Decider, Flag


@pytest.mark.parametrize(
    ("flag", "number", "word"), [(Flag.REJECT, -1, "reject"), (Flag.NONE, 0, ""), (Flag.PICK, 1, "pick")]
)
def test_a_flag_has_the_number_of_xmp_and_the_word_of_lists(flag: Flag, number: int, word: str) -> None:
    assert (int(flag), flag.word) == (number, word)


def test_deciders_are_stored_as_these_words() -> None:
    assert [str(decider) for decider in Decider] == ["person", "rule"]
