"""What an XMP packet says of a photo, read without trusting it."""

import logging
import math
from dataclasses import dataclass
from typing import Any

from defusedxml.ElementTree import DefusedXMLParser

logger = logging.getLogger(__name__)

MOST_BYTES = 4_000_000
"""Longest packet that is read; editors that keep a picture's whole history in it stay below."""

_MOST_TEXT = 100

_RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_RATING = "{http://ns.adobe.com/xap/1.0/}Rating"
_LATITUDE = "{http://ns.adobe.com/exif/1.0/}GPSLatitude"
_LONGITUDE = "{http://ns.adobe.com/exif/1.0/}GPSLongitude"
_WANTED = (_RATING, _LATITUDE, _LONGITUDE)


@dataclass(frozen=True, slots=True)
class Xmp:
    """The part of a packet that this program uses."""

    rating: int | None = None
    """Stars, 0 to 5, or -1 for rejected."""
    has_gps: bool = False


def read_xmp(packet: Any) -> Xmp:
    """Read a packet, as bytes or text. What is no XMP, too long or broken says nothing; this never raises."""
    if isinstance(packet, str):
        packet = packet.encode("utf-8", "replace")
    if not isinstance(packet, bytes) or len(packet) > MOST_BYTES or not packet.strip(b"\0 \r\n\t"):
        return Xmp()
    properties = _Properties()
    try:
        # Entities, outside references and document types are refused, and no tree is built: a packet nested a
        # million deep takes as little as a flat one.
        parser = DefusedXMLParser(target=properties, forbid_dtd=True)
        parser.feed(packet.rstrip(b"\0 \r\n\t"))
        parser.close()
    except Exception as error:  # noqa: BLE001 - a broken packet is no reason to lose the photo
        logger.debug("unreadable XMP: %s: %s", type(error).__name__, error)
        return Xmp()
    found = properties.found
    return Xmp(_stars(found.get(_RATING, "")), bool(found.get(_LATITUDE) and found.get(_LONGITUDE)))


class _Properties:
    """Collects the wanted properties of the photo itself; the XML parser calls it.

    They stand in an rdf:Description right below rdf:RDF, as attributes or as elements. Those of other pictures that
    went into this one lie deeper.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._path: list[str] = []
        self._open: str | None = None

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        above = self._path[-2:]
        self._path.append(tag)
        if tag == f"{_RDF}Description" and above[-1:] == [f"{_RDF}RDF"]:
            self.found.update({name: attributes[name][:_MOST_TEXT] for name in _WANTED if name in attributes})
        elif tag in _WANTED and above == [f"{_RDF}RDF", f"{_RDF}Description"]:
            self._open = tag
            self.found[tag] = ""

    def data(self, text: str) -> None:
        if self._open:
            self.found[self._open] = (self.found[self._open] + text)[:_MOST_TEXT]

    def end(self, _tag: str) -> None:
        self._path.pop()
        self._open = None

    def close(self) -> None:
        """Called at the end of the packet."""


def _stars(text: str) -> int | None:
    """A rating, which XMP writes as a real number; half stars count as the whole ones below."""
    try:
        number = float(text)
    except ValueError:
        return None
    return math.floor(number) if -1 <= number <= 5 else None
