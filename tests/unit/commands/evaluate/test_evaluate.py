"""``maclip-desktop evaluate``: from labels and photos to tables, lists and plots."""

import csv
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from scipy import stats

from maclip_desktop.commands.evaluate_photos import progress_bar
from maclip_desktop.commands.evaluate_ways import alternatives_of
from maclip_desktop.evaluation.paper import MACLIP, Q_MAG, Q_SIM
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.maclip import UNKNOWN_WEIGHTS
from maclip_desktop.scoring.parameters import MaclipParameters, Magnitude, Protocol
from tests.unit.commands.conftest import Done, Run
from tests.unit.commands.evaluate.conftest import Evaluate, FakeMaclip, write_labels


def rows_of(done: Done) -> dict[str, list[str]]:
    """Name -> figures of the table's lines."""
    lines = [line for line in done.out.splitlines() if len(line) > 15 and line[0] not in " \t" and line[15].strip()]
    return {line[:15].strip(): line[15:].split() for line in lines if line[15] in "-0123456789un"}


class TestFigures:
    def test_a_table_on_standard_output_and_nothing_else(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip
    ) -> None:
        done = evaluate(labels)
        opinions = [entry["gt_score"] for entry in json.loads(labels.read_text())]
        srcc = stats.spearmanr(range(12), opinions).statistic
        assert done.code == 0
        assert rows_of(done)["MA-CLIP"][0] == f"{srcc:.3f}"
        assert done.out.startswith("12 photos, MA-CLIP RN50, resize448\n")
        assert max(map(len, done.out.splitlines())) < 80

    def test_everything_is_written(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, tmp_path: Path) -> None:
        out = {form: tmp_path / f"result.{form}" for form in ("json", "csv", "svg", "png")}
        scores = tmp_path / "scores.csv"
        targets = ["--json", out["json"], "--csv", out["csv"], "--scores", scores, "--plot", out["svg"]]
        done = evaluate(labels, "--ablation", *targets)
        assert done.code == 0
        content = json.loads(out["json"].read_text())
        assert [one["name"] for one in content["results"]] == list(alternatives_of(MaclipParameters()))
        assert content["parameters"]["protocol"] == "resize448"
        with out["csv"].open(newline="") as file:
            assert [line["name"] for line in csv.DictReader(file)] == [one["name"] for one in content["results"]]
        with scores.open(newline="") as file:
            assert [line["img_path"] for line in csv.DictReader(file)] == [f"sub/{at:02}.jpg" for at in range(12)]
        assert out["svg"].read_text().startswith("<?xml")
        assert evaluate(labels, "--plot", out["png"]).code == 0
        with Image.open(out["png"]) as picture:
            assert picture.format == "PNG"

    @pytest.mark.parametrize("form", ["--json", "--csv"])
    def test_a_list_may_take_standard_output(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, form: str
    ) -> None:
        done = evaluate(labels, form, "-")
        if form == "--json":
            assert json.loads(done.out)["photos"] == 12
        else:
            assert [line["photos"] for line in csv.DictReader(done.out.splitlines())] == ["12"]

    def test_sizes_are_known_before_photos_are_decoded(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip
    ) -> None:
        evaluate(labels)
        assert maclip.sizes == {(48, 48)}

    def test_no_score_is_stored_in_the_library(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, app_paths: AppPaths
    ) -> None:
        evaluate(labels)
        assert not app_paths.library_file.exists()

    def test_the_technical_scorer(self, evaluate: Evaluate, tmp_path: Path, photos: Path) -> None:
        noise = np.random.default_rng(0)
        lines = ["path,mos"]
        for at in range(9):
            pixels = 128 + noise.normal(0, 4 + 8 * at, (64, 64, 3))
            Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(photos / f"{at}.png")
            lines.append(f"{at}.png,{at}")
        labels = tmp_path / "labels.csv"
        labels.write_text("\n".join(lines))
        done = evaluate(labels, "--scorer", "technical", "--ablation")
        assert done.code == 0
        assert list(rows_of(done)) == ["technical", "sharpness", "exposure", "contrast", "noise"]
        assert float(rows_of(done)["noise"][0]) < 0
        assert UNKNOWN_WEIGHTS not in done.out

    @pytest.mark.parametrize(
        ("opinions", "reason"),
        [([1, 2], "needs 3 photos or more, and there are 2"), ([4, 4, 4, 4], "the same opinion score")],
    )
    def test_undefined(
        self, evaluate: Evaluate, tmp_path: Path, photos: Path, maclip: FakeMaclip, opinions: list[float], reason: str
    ) -> None:
        out, plot = tmp_path / "out.json", tmp_path / "out.png"
        done = evaluate(write_labels(tmp_path, photos, opinions), "--json", out, "--plot", plot)
        assert done.code == 0
        assert rows_of(done)["MA-CLIP"] == ["undefined"] * 4
        assert reason in " ".join(done.out.split())
        assert "NaN" not in out.read_text()
        assert plot.exists()


class TestPaper:
    @pytest.mark.parametrize(
        ("dataset", "protocol"), [("SPAQ", "resize448"), ("AGIQA-1k", "resize224"), ("livec", "native")]
    )
    def test_a_data_set_picks_the_authors_protocol(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, dataset: str, protocol: str
    ) -> None:
        evaluate(labels, "--dataset", dataset)
        assert maclip.choice is not None
        assert maclip.choice.parameters.protocol is Protocol(protocol)

    def test_the_papers_figures_stand_beside_ours(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        rows = rows_of(evaluate(labels, "--dataset", "livec", "--ablation"))
        assert rows[MACLIP][-1] == "0.743/0.768"
        assert rows[Q_MAG][-1] == "0.418/0.503"

    @pytest.mark.parametrize("changed", [("--protocol", "resize224"), ("--alpha", "2")])
    def test_other_settings_are_not_put_beside_them(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, changed: tuple[str, str]
    ) -> None:
        done = evaluate(labels, "--dataset", "livec", *changed)
        assert len(rows_of(done)[MACLIP]) == 4
        assert "MA-CLIP 0.743/0.768" in " ".join(done.out.split())

    def test_another_protocol_than_the_authors_is_pointed_out(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip
    ) -> None:
        done = evaluate(labels, "--dataset", "livec", "--protocol", "resize224")
        assert "used the protocol native for livec, not resize224" in done.err

    def test_an_unknown_data_set_is_refused(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        assert evaluate(labels, "--dataset", "imagenet").code == 2


class TestAblation:
    def test_every_photo_is_seen_once_by_the_network(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip
    ) -> None:
        evaluate(labels, "--ablation")
        assert len(maclip.passes) == 12

    def test_every_way_has_its_own_figures(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        rows = rows_of(evaluate(labels, "--ablation"))
        assert rows[Q_SIM][0] == rows[MACLIP][0]
        assert float(rows[Q_MAG][0]) == -float(rows[MACLIP][0])
        assert rows["L1 alone"] == ["undefined"] * 4

    def test_the_alternatives_are_the_papers(self) -> None:
        own = MaclipParameters(protocol=Protocol.NATIVE, alpha=2.0)
        found = {
            name: (one.magnitude, one.fixed_w_sim)
            for name, one in alternatives_of(own).items()
            if (one.protocol, one.alpha) == (Protocol.NATIVE, 2.0)
        }
        box_cox, l1, l2 = Magnitude.BOX_COX, Magnitude.L1, Magnitude.L2
        assert found == {
            "MA-CLIP": (box_cox, None),
            "q_sim alone": (box_cox, 1.0),
            "q_mag alone": (box_cox, 0.0),
            "L1 alone": (l1, 0.0),
            "L2 alone": (l2, 0.0),
            "L1 fused": (l1, None),
            "L2 fused": (l2, None),
            "fixed 0.8/0.2": (box_cox, 0.8),
            "fixed 0.5/0.5": (box_cox, 0.5),
            "fixed 0.2/0.8": (box_cox, 0.2),
        }


class TestWeights:
    def test_unknown_ones_are_labelled(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, tmp_path: Path
    ) -> None:
        done = evaluate(labels, "--json", tmp_path / "out.json")
        assert UNKNOWN_WEIGHTS in done.out
        assert json.loads((tmp_path / "out.json").read_text())["warning"] == UNKNOWN_WEIGHTS

    def test_known_ones_are_not(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        maclip.warning = None
        assert UNKNOWN_WEIGHTS not in evaluate(labels).out


@pytest.mark.parametrize(
    ("done", "seconds", "line"),
    [
        (0, None, "scoring [------------------------] 0 of 12 photos"),
        (6, 75.4, "scoring [############------------] 6 of 12 photos, 1:15 left"),
        (12, 0.0, "scoring [########################] 12 of 12 photos, 0:00 left"),
    ],
)
def test_progress(done: int, seconds: float | None, line: str) -> None:
    assert progress_bar(done, 12, seconds) == line


@pytest.mark.shared
def test_real_photographs_with_the_technical_scorer(run: Run, shared: Path, tmp_path: Path) -> None:
    with (shared / "photos" / "labels.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["path"].startswith("flive_voc/") and row["mos"]]
    labels, out = tmp_path / "labels.csv", tmp_path / "out.json"
    labels.write_text("path,mos\n" + "".join(f"{row['path']},{row['mos']}\n" for row in rows))
    scores = tmp_path / "scores.csv"
    images = shared / "photos"
    done = run("evaluate", labels, "--images", images, "--scorer", "technical", "--json", out, "--scores", scores)
    assert done.code == 0
    with scores.open(newline="") as file:
        pairs = np.array([(float(row["technical"]), float(row["gt_score"])) for row in csv.DictReader(file)])
    found = json.loads(out.read_text())["results"][0]
    assert len(pairs) == len(rows) > 20
    assert found["srcc"]["value"] == pytest.approx(stats.spearmanr(*pairs.T).statistic)
    assert found["srcc"]["low"] < found["srcc"]["value"] < found["srcc"]["high"]
