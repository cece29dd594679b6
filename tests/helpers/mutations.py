"""Damage done to files: by lot, but the same for the same seed and number."""

import random
import struct
import zlib
from collections.abc import Callable, Sequence

from tests.helpers.fuzz_seeds import Seed

_PNG = b"\x89PNG\r\n\x1a\n"
_EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_HEAD = 400
"""Where most lengths and offsets stand."""
_MOST_STEPS = 4


def mutant(seeds: Sequence[Seed], seed: int, number: int) -> Seed:
    """The *number*-th file of a run: one of *seeds*, damaged in one to four ways."""
    chance = random.Random(f"{seed} {number}")
    suffix, content = chance.choice(seeds)
    data = bytearray(content)
    for _ in range(chance.randint(1, _MOST_STEPS)):
        step = chance.choices(_STEPS, _OFTEN)[0]
        step(data, chance)
    if chance.random() < 0.05:
        other = chance.choice(seeds)[1]
        data = data[: chance.randrange(len(data) + 1)] + other[chance.randrange(len(other)) :]
    if data.startswith(_PNG) and chance.random() < 0.7:
        # Else most damage would be noticed by its checksum and nothing behind it would be reached.
        data = _with_checksums(data)
    if chance.random() < 0.03:
        suffix = chance.choice(seeds)[0]
    return suffix, bytes(data)


def _place(data: bytearray, chance: random.Random) -> int:
    """An offset, rather near the beginning than not."""
    return chance.randrange(min(len(data), _HEAD) if chance.random() < 0.6 else len(data)) if data else 0


def _flip(data: bytearray, chance: random.Random) -> None:
    for _ in range(chance.randint(1, 12)):
        if data:
            data[_place(data, chance)] ^= 1 << chance.randrange(8)


def _overwrite(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    data[start : start + chance.randint(1, 16)] = chance.randbytes(chance.randint(1, 16))


def _extreme(data: bytearray, chance: random.Random) -> None:
    start, value = _place(data, chance), chance.choice(_EXTREMES)
    kind = chance.choice(("<I", ">I", "<H", ">H", "B"))
    encoded = struct.pack(kind, value & (1 << 8 * struct.calcsize(kind)) - 1)
    data[start : start + len(encoded)] = encoded


def _nudge(data: bytearray, chance: random.Random) -> None:
    """A number a little larger or smaller."""
    if data:
        start = _place(data, chance)
        data[start] = (data[start] + chance.choice((-2, -1, 1, 2, 16))) % 256


def _cut(data: bytearray, chance: random.Random) -> None:
    del data[_place(data, chance) :]


def _insert(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    data[start:start] = chance.choice((bytes(chance.randint(1, 300)), chance.randbytes(chance.randint(1, 300))))


def _remove(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    del data[start : start + chance.randint(1, 200)]


def _repeat(data: bytearray, chance: random.Random) -> None:
    start = _place(data, chance)
    block = data[start : start + chance.randint(1, 300)]
    data[start:start] = block * chance.randint(1, 5)


def _swap(data: bytearray, chance: random.Random) -> None:
    length = chance.randint(1, 64)
    first, second = _place(data, chance), _place(data, chance)
    one, other = data[first : first + length], data[second : second + length]
    data[first : first + length], data[second : second + length] = other, one


_STEPS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    _flip, _overwrite, _extreme, _nudge, _cut, _insert, _remove, _repeat, _swap,
)  # fmt: skip
_OFTEN = (5, 3, 6, 4, 1, 2, 2, 2, 2)


def _with_checksums(data: bytearray) -> bytearray:
    """The chunks of a damaged PNG with checksums that fit, as far as its chunks can be followed."""
    at = len(_PNG)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        end = at + 8 + length
        if end + 4 > len(data):
            break
        data[end : end + 4] = struct.pack(">I", zlib.crc32(data[at + 4 : end]))
        at = end + 4
    return data
