"""How well the technical scorer agrees with people, falls along degradations, and how long it takes.

Run: python tests/benchmarks/technical_correlation.py --photos DIR [--json FILE]

DIR holds `labels.csv` (path, kind, mos, scale, group, level, note) and the photos it lists.
"""

import argparse
import csv
import json
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage, stats

from maclip_desktop.core.photo import DecodedPhoto
from maclip_desktop.core.score import TechnicalMeasures
from maclip_desktop.scoring.technical import measure

SETS = ("clive", "biq2021", "koniq", "flive_voc")
PARTS = ("score", "sharpness", "exposure", "contrast", "noise")


def load(path: Path) -> DecodedPhoto:
    with Image.open(path) as image:
        pixels = np.array(ImageOps.exif_transpose(image).convert("RGB"))
    return DecodedPhoto(pixels, width=pixels.shape[1], height=pixels.shape[0])


def laplacian(photo: DecodedPhoto) -> float:
    luminance = np.asarray(Image.fromarray(photo.pixels).convert("L"), dtype=np.float32)
    return float(np.log(ndimage.laplace(luminance).var() + 1))


def correlations(photos: Path, rows: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Spearman's rank correlation with the opinion scores, set by set; reasons given in the best-liked third."""
    table = {}
    for name in SETS:
        rated = sorted((row for row in rows if row["path"].startswith(f"{name}/")), key=lambda row: float(row["mos"]))
        opinions = [float(row["mos"]) for row in rated]
        decoded = [load(photos / row["path"]) for row in rated]
        measured = [measure(photo) for photo in decoded]
        line: dict[str, Any] = {"photos": len(rated), "laplacian": _rank(map(laplacian, decoded), opinions)}
        line |= {part: _rank((getattr(one, part) for one in measured), opinions) for part in PARTS}
        line["quantiles"] = [
            round(float(q), 3) for q in np.quantile([m.score for m in measured], (0, 0.25, 0.5, 0.75, 1))
        ]
        line["reasons_in_worst_third"] = _reasons(measured[: len(measured) // 3])
        line["reasons_in_best_third"] = _reasons(measured[-(len(measured) // 3) :])
        table[name] = line
    return table


def _rank(values: Any, opinions: list[float]) -> float | None:
    listed = list(values)
    if len(set(listed)) < 2:
        return None
    return round(float(stats.spearmanr(listed, opinions).statistic), 3)


def _reasons(measured: list[TechnicalMeasures]) -> dict[str, int]:
    found = Counter(reason.value for one in measured for reason in one.reasons)
    return {"photos": len(measured), "with_any": sum(bool(one.reasons) for one in measured), **found}


def ladders(photos: Path, rows: list[dict[str, str]]) -> dict[str, dict[str, Any]]:
    """Scores from the undegraded photo to the worst step, and how many steps did not fall."""
    steps = defaultdict(list)
    for row in rows:
        if row["path"].startswith("ladders/"):
            photo, kind = row["group"].split("/")
            steps[kind, photo].append((float(row["level"]) * (-1 if kind == "resolution" else 1), row["path"]))
    table = {}
    for (kind, photo), found in sorted(steps.items()):
        paths = [f"koniq/{photo}.jpg", *(path for _, path in sorted(found))]
        measured = [measure(load(photos / path)) for path in paths]
        scores = [one.score for one in measured]
        table[f"{kind}/{photo}"] = {
            "scores": [round(score, 3) for score in scores],
            "steps": len(scores) - 1,
            "not_falling": int((np.diff(scores) >= 0).sum()),
            "last_reasons": [reason.value for reason in measured[-1].reasons],
        }
    return table


def triplets(photos: Path) -> dict[str, dict[str, float]]:
    table = {}
    for sharp in sorted((photos / "blur_triplets").glob("*_S.jpg")):
        marks = {mark: sharp.with_name(sharp.name.replace("_S", f"_{mark}")) for mark in "SFM"}
        table[sharp.stem] = {mark: round(measure(load(path)).score, 3) for mark, path in marks.items()}
    return table


def milliseconds(photos: Path) -> dict[str, float]:
    """Median processor time of one photo after decoding: small ones, 12 megapixels, and 45 made by repetition."""
    small = load(next((photos / "clive").iterdir()))
    camera = load(
        next(path for path in sorted((photos / "camera").iterdir()) if path.suffix.lower() in (".jpg", ".jpeg"))
    )
    huge_pixels = np.tile(camera.pixels, (2, 2, 1))[:5464, :8192]
    huge = DecodedPhoto(np.ascontiguousarray(huge_pixels), width=8192, height=5464)
    return {f"{photo.width}x{photo.height}": _processor_time(photo) for photo in (small, camera, huge)}


def _processor_time(photo: DecodedPhoto, repeats: int = 7) -> float:
    taken = []
    for _ in range(repeats):
        start = time.process_time()
        measure(photo)
        taken.append(time.process_time() - start)
    return round(float(np.median(taken)) * 1000, 1)


def report(results: dict[str, Any]) -> str:
    lines = ["Rank correlation with opinion scores (SRCC)"]
    for name, line in results["correlations"].items():
        numbers = "  ".join(f"{key} {line[key]}" for key in ("photos", *PARTS, "laplacian"))
        lines += [f"  {name:10}  {numbers}", f"{'':14}quantiles {line['quantiles']}"]
        lines += [f"{'':14}{third} third: {line[f'reasons_in_{third}_third']}" for third in ("worst", "best")]
    lines.append("Ladders (undegraded first)")
    for name, line in results["ladders"].items():
        fault = f"not falling {line['not_falling']}/{line['steps']}"
        lines.append(f"  {name:26} {fault}  {line['scores']}  {line['last_reasons']}")
    lines += [f"Triplets {results['triplets']}", f"Milliseconds of processor time {results['milliseconds']}"]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--photos", type=Path, required=True, help="folder with labels.csv and the photos")
    parser.add_argument("--json", type=Path, help="also write the results here")
    options = parser.parse_args()
    with (options.photos / "labels.csv").open(newline="", encoding="utf-8") as labels:
        rows = list(csv.DictReader(labels))
    results = {
        "correlations": correlations(options.photos, rows),
        "ladders": ladders(options.photos, rows),
        "triplets": triplets(options.photos),
        "milliseconds": milliseconds(options.photos),
    }
    sys.stdout.write(report(results))
    if options.json:
        options.json.write_text(json.dumps(results, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
