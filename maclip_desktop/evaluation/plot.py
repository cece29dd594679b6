"""The scatter plot of predicted against opinion scores; matplotlib is loaded only when a plot is wanted."""

import io
import warnings
from typing import TYPE_CHECKING, Any

import numpy as np

from maclip_desktop.evaluation.agreement import Agreement
from maclip_desktop.evaluation.correlation import Values
from maclip_desktop.evaluation.outcome import Outcome, score_columns

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SUFFIXES = (".png", ".svg")
DOTS_PER_INCH = 150

_INCHES = (7.0, 5.2)
_DOTS, _CURVE, _TEXT, _QUIET = "#2a6f97", "#d1495b", "#222222", "#777777"
_CURVE_POINTS = 400
_LETTERS_A_LINE = 74


def draw_plot(outcome: Outcome, suffix: str) -> bytes:
    """The first way of scoring against the opinions, with the fitted curve, as PNG or SVG by *suffix*."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    opinions, scores = score_columns(outcome.photos, len(outcome.names))
    form = suffix.lower().lstrip(".")
    # A fixed salt and no date: the same result makes the same file. No other settings of the user's than fonts.
    with mpl.rc_context({**mpl.rcParamsDefault, "svg.hashsalt": "maclip-desktop"}), warnings.catch_warnings():
        # A name in letters that the font does not have shows as boxes; that is no reason to complain.
        warnings.filterwarnings("ignore", message="Glyph .* missing")
        figure = Figure(figsize=_INCHES, layout="constrained")
        axes = figure.add_subplot()
        _draw_points(axes, scores[0], opinions)
        _draw_curve(axes, outcome.agreements[0], scores[0])
        _label(axes, outcome)
        buffer = io.BytesIO()
        metadata = {"Date": None} if form == "svg" else {}
        figure.savefig(buffer, format=form, dpi=DOTS_PER_INCH, metadata=metadata)
    return buffer.getvalue()


def _draw_points(axes: "Axes", predicted: Values, opinions: Values) -> None:
    count = max(1, len(predicted))
    axes.scatter(
        predicted,
        opinions,
        s=float(np.clip(9000 / count, 6, 36)),
        alpha=float(np.clip(12 / np.sqrt(count), 0.12, 0.85)),
        color=_DOTS,
        linewidths=0,
        # Tens of thousands of points as shapes of their own make a vector file that nothing opens.
        rasterized=count > 20_000,
    )


def _draw_curve(axes: "Axes", agreement: Agreement, predicted: Values) -> None:
    if agreement.curve is None:
        return
    along = np.linspace(predicted.min(), predicted.max(), _CURVE_POINTS)
    axes.plot(along, agreement.curve(along), color=_CURVE, linewidth=2, label="4-parameter logistic")
    axes.legend(loc="best", frameon=False, fontsize=9)


def _label(axes: "Axes", outcome: Outcome) -> None:
    setting, agreement = outcome.setting, outcome.agreements[0]
    name = setting.dataset or _last_part(setting.labels)
    plain: dict[str, Any] = {"parse_math": False, "color": _TEXT}
    figures = f"SRCC {_shown(agreement.srcc.value)}   PLCC {_shown(agreement.plcc.value)}"
    if agreement.curve:
        figures += f"   PLCC fitted {_shown(agreement.plcc_fitted.value)}"
    lines = [_cut(f"{name} · {setting.title}"), f"{figures}   n = {len(outcome.scored)}"]
    axes.set_title(
        "\n".join(lines), fontsize=11, loc="left", linespacing=1.5, pad=24 if setting.warning else 8, **plain
    )
    axes.set_xlabel(f"Predicted score ({agreement.name})", fontsize=10, **plain)
    axes.set_ylabel("Opinion score", fontsize=10, **plain)
    axes.grid(color="#e6e6e6", linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=_QUIET, labelsize=9)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#bbbbbb")
    if setting.warning:
        # In the picture itself: a plot travels without the words beside it.
        above: dict[str, Any] = {"ha": "left", "va": "bottom", "transform": axes.transAxes}
        axes.text(0.0, 1.015, setting.warning, color=_CURVE, fontsize=10, fontweight="bold", **above)
    if agreement.undefined:
        # At the top: where all is the same, the points stand in the middle.
        axes.text(0.5, 0.9, agreement.undefined, color=_QUIET, fontsize=10, ha="center", transform=axes.transAxes)


def _last_part(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rsplit("/", 1)[-1]


def _cut(text: str) -> str:
    return text if len(text) <= _LETTERS_A_LINE else text[: _LETTERS_A_LINE - 1] + "…"


def _shown(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"
