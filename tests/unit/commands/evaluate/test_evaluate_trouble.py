"""``maclip-desktop evaluate``: missing and broken photos, going on after an interruption, wrong use."""

import json
from pathlib import Path

import pytest
from PIL import Image

from maclip_desktop.errors import DeviceError
from maclip_desktop.paths import AppPaths
from tests.helpers.pictures import write_photo
from tests.unit.commands.conftest import Run
from tests.unit.commands.evaluate.conftest import Evaluate, FakeMaclip


class TestMissingAndBroken:
    def test_missing_photos_are_listed_and_the_rest_goes_on(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, photos: Path, tmp_path: Path
    ) -> None:
        (photos / "sub" / "03.jpg").unlink()
        done = evaluate(labels, "--json", tmp_path / "out.json")
        assert done.code == 1
        assert done.out.startswith("11 photos")
        assert "Missing from the folder of images: 1 photo:\n  sub/03.jpg" in done.err
        assert json.loads((tmp_path / "out.json").read_text())["missing"] == ["sub/03.jpg"]

    def test_where_none_is_there_the_folder_is_the_wrong_one(
        self, evaluate: Evaluate, tmp_path: Path, maclip: FakeMaclip, photos: Path
    ) -> None:
        labels = tmp_path / "labels.csv"
        labels.write_text("path,mos\na.jpg,1\nb.jpg,2\n")
        done = evaluate(labels)
        assert (done.code, done.out, done.err.count("\n")) == (2, "", 1)
        assert f"None of the 2 photos in {labels} is in {photos}" in done.err
        assert maclip.choice is None

    def test_a_long_list_of_missing_photos_is_cut(
        self, evaluate: Evaluate, tmp_path: Path, maclip: FakeMaclip, photos: Path
    ) -> None:
        write_photo(photos / "there.jpg", 9)
        labels = tmp_path / "labels.csv"
        labels.write_text("path,mos\nthere.jpg,1\n" + "".join(f"{at}.jpg,{at}\n" for at in range(30)))
        done = evaluate(labels)
        assert done.code == 1
        assert "  19.jpg\n" in done.err and "  20.jpg\n" not in done.err
        assert "and 10 more" in done.err

    def test_a_photo_that_cannot_be_decoded_is_named(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, photos: Path
    ) -> None:
        (photos / "sub" / "05.jpg").write_bytes(b"no picture")
        done = evaluate(labels)
        assert (done.code, len(maclip.passes)) == (1, 11)
        assert str(photos / "sub" / "05.jpg") in done.err

    @pytest.mark.expects_log_errors
    def test_a_photo_that_spoils_its_batch_costs_only_itself(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip
    ) -> None:
        maclip.error_below = 25 / 255
        done = evaluate(labels)
        assert (done.code, len(maclip.passes)) == (1, 11)
        assert "00.jpg" in done.err

    def test_a_scorer_that_fails_ends_the_run(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        maclip.error_below, maclip.error = 1.0, DeviceError("The card is gone.")
        done = evaluate(labels)
        assert (done.code, done.err.splitlines()[-1]) == (3, "maclip-desktop: The card is gone.")

    def test_what_the_scorer_has_to_say_is_said(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        maclip.notices = ["The card failed; the CPU goes on."]
        assert "The card failed; the CPU goes on.\n" in evaluate(labels).err


class TestGoingOn:
    def test_after_ctrl_c(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        maclip.interrupt_after = 8
        stopped = evaluate(labels)
        assert stopped.code == 130
        assert stopped.err.splitlines()[-1].startswith("Stopped. What was scored is kept, and the same command goes on")
        assert stopped.out == ""
        maclip.interrupt_after = None
        done = evaluate(labels)
        assert (done.code, len(maclip.passes)) == (0, 12)
        assert "Scored by an earlier run: 8 photos" in done.err

    def test_the_result_is_that_of_one_run(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        whole = evaluate(labels, "--ablation").out
        maclip.interrupt_after = len(maclip.passes) + 4
        evaluate(labels, "--ablation", "--restart")
        maclip.interrupt_after = None
        assert evaluate(labels, "--ablation").out == whole

    def test_a_changed_photo_is_scored_again(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, photos: Path
    ) -> None:
        evaluate(labels)
        write_photo(photos / "sub" / "04.jpg", 250, side=64)
        evaluate(labels)
        assert len(maclip.passes) == 13

    def test_restart_forgets(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        evaluate(labels)
        evaluate(labels, "--restart")
        assert len(maclip.passes) == 24

    def test_another_model_begins_anew(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        evaluate(labels)
        maclip.model_id = "maclip-1:other"
        evaluate(labels)
        assert len(maclip.passes) == 24

    def test_failures_are_tried_again(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, photos: Path) -> None:
        good = (photos / "sub" / "05.jpg").read_bytes()
        (photos / "sub" / "05.jpg").write_bytes(b"no picture")
        assert evaluate(labels).code == 1
        (photos / "sub" / "05.jpg").write_bytes(good)
        assert evaluate(labels).code == 0

    def test_a_cache_that_cannot_be_written_is_said_and_stops_nothing(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, app_paths: AppPaths
    ) -> None:
        app_paths.cache.parent.mkdir(parents=True)
        app_paths.cache.write_text("in the way")
        done = evaluate(labels)
        assert done.code == 0
        assert done.err.count("Scores cannot be kept in") == 1


class TestWrongUse:
    def test_a_folder_of_images_that_is_not_there(self, run: Run, labels: Path, maclip: FakeMaclip) -> None:
        done = run("evaluate", labels, "--images", labels.parent / "nowhere")
        assert done.code == 2
        assert "is no folder that can be opened" in done.err

    def test_wrong_labels(self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip) -> None:
        labels.write_text('[{"img_path": "a.jpg", "gt_score": "good"}]')
        done = evaluate(labels)
        assert (done.code, len(done.err.splitlines())) == (2, 1)
        assert "entry 1: the opinion score of a.jpg is 'good', which is no number" in done.err

    @pytest.mark.parametrize(
        ("options", "reason"),
        [
            (["--bootstrap", "5"], "--bootstrap wants 0"),
            (["--bootstrap", "-1"], "--bootstrap wants 0"),
            (["--seed", "-1"], "--seed wants"),
            (["--plot", "out.pdf"], "should end in .png or .svg"),
            (["--plot", "-"], "want the name of a file"),
            (["--json", "-", "--csv", "-"], "both want standard output"),
            (["--json", "a.jpg"], "is a photo by its name"),
            (["--json", "out", "--csv", "out"], "Two lists cannot both be"),
        ],
    )
    def test_is_refused_before_anything_is_scored(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, options: list[str], reason: str
    ) -> None:
        done = evaluate(labels, *options)
        assert done.code == 2
        assert reason in done.err
        assert maclip.passes == []

    @pytest.mark.parametrize("option", ["--json", "--csv", "--scores", "--plot"])
    def test_a_result_that_has_no_place_is_refused_before_anything_is_scored(
        self, evaluate: Evaluate, labels: Path, maclip: FakeMaclip, option: str
    ) -> None:
        done = evaluate(labels, option, "nowhere/out.png" if option == "--plot" else "nowhere/out.csv")
        assert (done.code, done.err.count("\n")) == (3, 1)
        assert "its folder does not exist" in done.err
        assert maclip.passes == []

    @pytest.mark.parametrize("options", [["--protocol", "native"], ["--device", "cuda"], ["--alpha", "2"]])
    def test_options_of_maclip_are_not_passed_over_without_a_word(
        self, evaluate: Evaluate, labels: Path, options: list[str]
    ) -> None:
        done = evaluate(labels, "--scorer", "technical", *options)
        assert (done.code, done.err.count("\n")) == (2, 1)
        assert f"{options[0]} is for MA-CLIP" in done.err

    def test_the_protocol_of_a_data_set_does_not_hinder_the_technical_scorer(
        self, evaluate: Evaluate, labels: Path
    ) -> None:
        assert evaluate(labels, "--scorer", "technical", "--dataset", "livec").code == 0

    def test_results_never_replace_labels_or_photos(
        self, evaluate: Evaluate, tmp_path: Path, photos: Path, maclip: FakeMaclip
    ) -> None:
        Image.new("RGB", (8, 8)).save(photos / "a.png")
        before = (photos / "a.png").read_bytes()
        labels = tmp_path / "labels.csv"
        labels.write_text("path,mos\na.png,3\n")
        assert evaluate(labels, "--plot", photos / "a.png").code == 2
        assert (photos / "a.png").read_bytes() == before
        assert "is the file of labels" in evaluate(labels, "--csv", labels).err
        assert labels.read_text() == "path,mos\na.png,3\n"

    def test_a_link_to_a_photo_is_no_place_for_a_plot(
        self, evaluate: Evaluate, tmp_path: Path, photos: Path, maclip: FakeMaclip
    ) -> None:
        photo = write_photo(photos / "a.jpg")
        (tmp_path / "plot.png").symlink_to(photo)
        labels = tmp_path / "labels.csv"
        labels.write_text("path,mos\na.jpg,3\n")
        done = evaluate(labels, "--plot", tmp_path / "plot.png")
        assert done.code == 2
        assert "is one of the photos compared" in done.err
