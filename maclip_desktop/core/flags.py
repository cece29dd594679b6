"""Flags and who set them."""

from enum import IntEnum, StrEnum


class Flag(IntEnum):
    """A mark on a photo; the numbers are those of ``xmpDM:pick``."""

    REJECT = -1
    NONE = 0
    PICK = 1

    @property
    def word(self) -> str:
        """``"pick"``, ``"reject"`` or, for no flag, the empty string: the form used in lists."""
        return "" if self is Flag.NONE else self.name.lower()


class Decider(StrEnum):
    """Who set a flag. A person's mark always beats a rule's."""

    PERSON = "person"
    RULE = "rule"
