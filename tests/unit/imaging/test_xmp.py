"""XMP packets, the hostile ones among them."""

from typing import Any

import pytest

from maclip_desktop.imaging.xmp import MOST_BYTES, Xmp, read_xmp

NAMES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:xmp="http://ns.adobe.com/xap/1.0/" '
    'xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:pantry="http://example.com/"'
)


def packet(attributes: str = "", elements: str = "") -> bytes:
    return (
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF {NAMES}>'
        f"<rdf:Description {attributes}>{elements}</rdf:Description></rdf:RDF></x:xmpmeta>"
    ).encode()


class TestRating:
    @pytest.mark.parametrize(
        ("words", "stars"),
        [("0", 0), ("5", 5), ("-1", -1), (" 3 ", 3), ("4.0", 4), ("3.5", 3), ("6", None), ("nan", None), ("x", None)],
    )
    def test_is_an_attribute_or_an_element(self, words: str, stars: int | None) -> None:
        assert read_xmp(packet(f'xmp:Rating="{words}"')).rating == stars
        assert read_xmp(packet(elements=f"<xmp:Rating>{words}</xmp:Rating>")).rating == stars

    def test_is_known_by_its_name_space_and_not_by_its_prefix(self) -> None:
        content = packet('xmp:Rating="2"').replace(b"xmp:", b"xap:").replace(b"xmlns:xmp", b"xmlns:xap")
        assert read_xmp(content).rating == 2
        assert read_xmp(packet('pantry:Rating="2"')).rating is None

    def test_of_a_picture_that_went_into_this_one_does_not_count(self) -> None:
        inside = (
            "<pantry:Things><rdf:Bag><rdf:li><rdf:Description xmp:Rating='1'><xmp:Rating>1</xmp:Rating>"
            "</rdf:Description></rdf:li></rdf:Bag></pantry:Things>"
        )
        assert read_xmp(packet(elements=inside)).rating is None
        assert read_xmp(packet('xmp:Rating="4"', inside)).rating == 4

    def test_in_a_packet_without_its_wrapping(self) -> None:
        inner = packet('xmp:Rating="5"').split(b">", 1)[1].rsplit(b"</x:xmpmeta>", 1)[0]
        assert read_xmp(inner).rating == 5

    def test_in_text_and_padded(self) -> None:
        content = packet('xmp:Rating="5"')
        assert read_xmp(content.decode()).rating == 5
        assert read_xmp(content + b"\n" + b" " * 2000 + b"\0\0").rating == 5


def test_a_place_needs_both_numbers() -> None:
    assert read_xmp(packet('exif:GPSLatitude="51,30.0N" exif:GPSLongitude="0,7.5W"')).has_gps
    assert not read_xmp(packet('exif:GPSLatitude="51,30.0N"')).has_gps


def entity_bomb() -> bytes:
    entities = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10))
    head = f'<!DOCTYPE bomb [<!ENTITY a0 "ha">{entities}]>'.encode()
    return head + packet(elements="<xmp:Rating>&a9;</xmp:Rating>")


@pytest.mark.parametrize(
    "content",
    [
        entity_bomb(),
        b'<!DOCTYPE x [<!ENTITY file SYSTEM "file:///etc/hostname">]>'
        + packet(elements="<xmp:Rating>&file;</xmp:Rating>"),
        b'<!DOCTYPE x SYSTEM "file:///etc/hostname">' + packet('xmp:Rating="5"'),
        packet('xmp:Rating="5"')[:-5],
        packet('xmp:Rating="5"') + b" " * MOST_BYTES + b"<!-- -->",
        packet(elements="<a>" * 100_000),
        b"\xff\xfe\x00",
        b"no XML",
        b"\0" * 1000,
        b"",
        None,
        7,
        (60, 120),
    ],
    ids=[
        "bomb",
        "outside",
        "type",
        "cut",
        "long",
        "deep",
        "bytes",
        "text",
        "zeros",
        "empty",
        "none",
        "number",
        "tuple",
    ],
)
def test_hostile_and_broken_packets_say_nothing(content: Any) -> None:
    assert read_xmp(content) == Xmp()


def test_a_packet_of_many_levels_is_read_like_a_flat_one() -> None:
    depth = 400_000
    deep = packet('xmp:Rating="5"', "<a>" * depth + "</a>" * depth)
    assert len(deep) < MOST_BYTES
    assert read_xmp(deep).rating == 5
