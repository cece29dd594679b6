"""How a result is shown: table, JSON, CSV, plot."""

import csv
import io
import json
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from maclip_desktop.evaluation.lists import FIGURE_HEADER, as_json, figures_as_csv, photos_as_csv
from maclip_desktop.evaluation.outcome import Outcome, PhotoState
from maclip_desktop.evaluation.plot import draw_plot
from maclip_desktop.evaluation.table import result_lines
from tests.unit.evaluation.conftest import MakeOutcome

WARNING = "The weights are of nobody knows where."


def line_of(outcome: Outcome, name: str) -> list[str]:
    return next(line for line in result_lines(outcome) if line.startswith(name)).removeprefix(name).split()


class TestTable:
    def test_it_fits_a_terminal(self, make_outcome: MakeOutcome) -> None:
        for outcome in (make_outcome(), make_outcome(warning=WARNING), make_outcome(2), make_outcome(5)):
            assert max(map(len, result_lines(outcome))) < 80

    def test_the_papers_figures_stand_beside_ours(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome()
        srcc = outcome.agreements[0].srcc.value
        assert line_of(outcome, "MA-CLIP")[0] == f"{srcc:.3f}"
        assert line_of(outcome, "MA-CLIP")[-1] == "0.743/0.768"
        assert line_of(outcome, "q_sim alone")[-1] == "0.702/0.722"

    def test_they_are_only_mentioned_where_the_settings_differ(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome(comparable=False)
        assert "0.743/0.768" not in line_of(outcome, "MA-CLIP ")
        assert "MA-CLIP 0.743/0.768, CLIP-IQA 0.702/0.722" in " ".join(result_lines(outcome))

    def test_what_the_paper_does_not_give_is_said(self, make_outcome: MakeOutcome) -> None:
        outcome = replace(make_outcome(), paper={})
        assert "The paper gives no figures for livec with RN50." in result_lines(outcome)

    def test_intervals_stand_below(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome()
        lines = result_lines(outcome)
        below = lines[next(at for at, line in enumerate(lines) if line.startswith("MA-CLIP ")) + 1].split()
        srcc = outcome.agreements[0].srcc
        assert below[0] == f"{srcc.low:.2f}..{srcc.high:.2f}"
        assert len(below) == 4

    def test_too_few_photos_are_undefined(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome(2)
        assert line_of(outcome, "MA-CLIP")[:4] == ["undefined"] * 4
        assert "A correlation needs 3 photos or more, and there are 2." in " ".join(result_lines(outcome))

    def test_no_fit_is_said(self, make_outcome: MakeOutcome) -> None:
        assert "no fit" in next(line for line in result_lines(make_outcome(5)) if line.startswith("MA-CLIP"))

    def test_unknown_weights_are_said(self, make_outcome: MakeOutcome) -> None:
        assert WARNING in result_lines(make_outcome(warning=WARNING))

    def test_a_scale_turned_round_is_pointed_out(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome()
        first = outcome.agreements[0]
        turned = replace(first, srcc=replace(first.srcc, value=-0.8))
        remark = "Are these differences (DMOS)"
        assert remark not in " ".join(result_lines(outcome))
        assert remark in " ".join(result_lines(replace(outcome, agreements=(turned,))))


class TestLists:
    def test_json_tells_everything(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome(warning=WARNING)
        content = json.loads(as_json(outcome, "1.2"))
        assert content["model_id"] == outcome.setting.model_id
        assert content["warning"] == WARNING
        assert (content["photos"], content["listed"], content["without_opinion"]) == (60, 62, 4)
        assert content["missing"] == ["gone.jpg"]
        assert content["failed"] == [{"path": "bad.jpg", "error": "bad.jpg is damaged."}]
        first = content["results"][0]
        assert first["srcc"]["value"] == outcome.agreements[0].srcc.value
        assert first["srcc"]["low"] < first["srcc"]["value"] < first["srcc"]["high"]
        assert first["paper"] == {"srcc": 0.743, "plcc": 0.768}
        assert content["paper"]["CLIP-IQA"] == {"srcc": 0.702, "plcc": 0.722}

    @pytest.mark.parametrize("count", [0, 2, 3, 5])
    def test_json_never_holds_nan(self, make_outcome: MakeOutcome, count: int) -> None:
        def refuse(constant: str) -> float:
            raise AssertionError(constant)

        content = json.loads(as_json(make_outcome(count), "1.2"), parse_constant=refuse)
        assert content["results"][0]["plcc_fitted"]["value"] is None

    def test_figures_as_csv(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome()
        lines = list(csv.DictReader(io.StringIO(figures_as_csv(outcome).decode(), newline="")))
        assert tuple(lines[0]) == FIGURE_HEADER
        assert [line["name"] for line in lines] == list(outcome.names)
        assert float(lines[1]["krcc_high"]) == outcome.agreements[1].krcc.high
        assert lines[0]["paper_srcc"] == "0.743"

    def test_what_is_undefined_is_empty_in_csv(self, make_outcome: MakeOutcome) -> None:
        lines = list(csv.DictReader(io.StringIO(figures_as_csv(make_outcome(2)).decode(), newline="")))
        assert (lines[0]["srcc"], lines[0]["plcc_fitted"]) == ("", "")

    def test_photos_as_csv(self, make_outcome: MakeOutcome) -> None:
        outcome = make_outcome()
        lines = list(csv.DictReader(io.StringIO(photos_as_csv(outcome).decode(), newline="")))
        assert len(lines) == 62
        assert float(lines[7]["q_sim alone"]) == outcome.photos[7].scores[1]
        assert float(lines[7]["gt_score"]) == outcome.photos[7].opinion
        assert [(line["state"], line["MA-CLIP"], line["error"]) for line in lines[60:]] == [
            ("missing", "", "There is no such file."),
            ("failed", "", "bad.jpg is damaged."),
        ]


class TestPlot:
    def test_png(self, make_outcome: MakeOutcome) -> None:
        with Image.open(io.BytesIO(draw_plot(make_outcome(), ".PNG"))) as picture:
            assert (picture.format, picture.size) == ("PNG", (1050, 780))
            assert picture.info["dpi"] == pytest.approx((150, 150), abs=0.1)
            colours = np.asarray(picture.convert("RGB")).reshape(-1, 3)
        blue, red = (0x2A, 0x6F, 0x97), (0xD1, 0x49, 0x5B)
        assert (np.abs(colours.astype(int) - red).sum(axis=1) < 30).sum() > 300, "the curve"
        assert (np.abs(colours.astype(int) - blue).sum(axis=1) < 120).sum() > 1000, "the points"

    def test_svg_is_the_same_for_the_same_result(self, make_outcome: MakeOutcome) -> None:
        first = draw_plot(make_outcome(), ".svg")
        assert ElementTree.fromstring(first).tag.endswith("}svg")
        assert draw_plot(make_outcome(), ".svg") == first

    def test_unknown_weights_show_in_the_picture(self, make_outcome: MakeOutcome) -> None:
        assert draw_plot(make_outcome(warning=WARNING), ".png") != draw_plot(make_outcome(), ".png")

    @pytest.mark.parametrize("count", [0, 1, 2, 5, 25_000])
    def test_any_number_of_photos(self, make_outcome: MakeOutcome, count: int) -> None:
        assert ElementTree.fromstring(draw_plot(make_outcome(count, resamples=0), ".svg")).tag.endswith("}svg")

    def test_names_that_are_formulas_or_foreign(self, make_outcome: MakeOutcome) -> None:
        name = "/d/$\\frac{1$ 写真 <b>&.json"
        assert draw_plot(make_outcome(dataset=None, labels=name), ".png").startswith(b"\x89PNG")


def test_missing_and_failed_photos_are_not_compared(make_outcome: MakeOutcome) -> None:
    outcome = make_outcome()
    assert {photo.state for photo in outcome.scored} == {PhotoState.SCORED}
    assert len(outcome.scored) == 60
