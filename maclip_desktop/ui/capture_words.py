"""How a photo was taken, in the words and numbers of the person's locale."""

import re

from PySide6.QtCore import QDateTime, QLocale, QTimeZone

from maclip_desktop.core.photo import Capture
from maclip_desktop.ui.words import tr

SHORT_S = 0.26
"""Shorter exposures are written as fractions, as on a camera's dial: 1/4, but 0.3 s."""
_GAP = "\N{NO-BREAK SPACE}"
_YEAR = re.compile(r"\byy\b")
_ZONE = re.compile(r"\s*[\[(]?\bt{1,4}\b[\])]?")


def taken(captured_at: float, zone_minutes: int | None, locale: QLocale | None = None) -> str:
    """When, by the camera's clock: date, time with what is known below a second, and its distance from UTC.

    *captured_at*: seconds since 1970 of the camera's clock read as UTC.
    """
    locale = locale or QLocale()
    milliseconds = round(1000 * captured_at)
    moment = QDateTime.fromMSecsSinceEpoch(milliseconds, QTimeZone.utc())
    below = f"{milliseconds % 1000:03}".rstrip("0")
    parts = [
        locale.toString(moment.date(), _date_form(locale)),
        locale.toString(moment.time(), _time_form(locale, below)),
    ]
    return " ".join([*parts, *([zone(zone_minutes)] if zone_minutes is not None else [])])


def _date_form(locale: QLocale) -> str:
    """The short form, with all of the year; who has no locale gets the form that everybody can read."""
    if locale.language() == QLocale.Language.C:
        return "yyyy-MM-dd"
    return _YEAR.sub("yyyy", locale.dateFormat(QLocale.FormatType.ShortFormat))


def _time_form(locale: QLocale, below: str) -> str:
    """The long form with the digits *below* a second, without the zone, which would be this machine's."""
    fraction = f"ss'{locale.decimalPoint()}{below}'" if below else "ss"
    return _ZONE.sub("", locale.timeFormat(QLocale.FormatType.LongFormat)).replace("ss", fraction)


def zone(minutes: int) -> str:
    """``UTC+2``, ``UTC-3:30``, ``UTC``."""
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "")


def exposure(capture: Capture, locale: QLocale | None = None) -> str:
    """``1/250 s · f/2.8 · ISO 400 · 35 mm``, of these what is known; empty where nothing is."""
    locale = locale or QLocale()
    parts = [
        _exposure_time(capture.exposure_s, locale),
        f"f/{_decimal(capture.f_number, locale)}" if capture.f_number else "",
        f"ISO{_GAP}{capture.iso}" if capture.iso else "",
        f"{_decimal(capture.focal_mm, locale)}{_GAP}mm" if capture.focal_mm else "",
    ]
    return " · ".join(part for part in parts if part)


def _exposure_time(seconds: float | None, locale: QLocale) -> str:
    if not seconds or seconds <= 0:
        return ""
    number = f"1/{round(1 / seconds)}" if seconds < SHORT_S else _decimal(seconds, locale)
    return f"{number}{_GAP}s"


def _decimal(value: float, locale: QLocale) -> str:
    """One decimal place at most."""
    text = locale.toString(float(value), "f", 1)
    return text.removesuffix(f"{locale.decimalPoint()}{locale.zeroDigit()}")


def stars(rating: int) -> str:
    """A rating: ``★★★☆☆``, or that the photo is a reject."""
    return tr("Reject") if rating < 0 else "★" * min(rating, 5) + "☆" * (5 - min(rating, 5))
