"""Choosing a scorer."""

import subprocess
import sys
from pathlib import Path

import pytest

from maclip_desktop.errors import WeightsError
from maclip_desktop.scoring import download, importing, inventory, maclip
from maclip_desktop.scoring.factory import ScorerChoice, ScorerKind, create_scorer, find_weights
from maclip_desktop.scoring.parameters import MaclipParameters


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[object, ...]]:
    """What MA-CLIP would have been loaded from; no network is built."""
    calls: list[tuple[object, ...]] = []

    def load(*arguments: object) -> str:
        calls.append(arguments)
        return "a scorer"

    monkeypatch.setattr(maclip.MaclipScorer, "load", load)
    return calls


def fake_download(backbone: str, folder: Path, *_: object, keep_complete: bool = False) -> Path:
    """Leaves the files behind that the real one leaves."""
    if keep_complete:
        (folder / f"{backbone}.safetensors").touch()
    compact = folder / f"{backbone}.maclip.safetensors"
    compact.touch()
    return compact


def test_importing_the_choice_loads_no_model_library() -> None:
    program = (
        "import sys, maclip_desktop.scoring.factory;"
        "sys.exit(', '.join({'torch', 'open_clip', 'safetensors', 'huggingface_hub'} & set(sys.modules)) or None)"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (result.returncode, result.stderr) == (0, "")


def test_auto_without_weights_is_the_technical_scorer(tmp_path: Path) -> None:
    assert create_scorer(ScorerChoice(), tmp_path).name == "technical"


def test_technical_stays_technical_where_weights_are(tmp_path: Path) -> None:
    (tmp_path / "RN50.safetensors").touch()
    assert create_scorer(ScorerChoice(kind="technical"), tmp_path).name == "technical"


@pytest.mark.parametrize("kind", ["auto", "maclip"])
def test_weights_in_the_data_folder_are_used(
    tmp_path: Path, loaded: list[tuple[object, ...]], kind: ScorerKind
) -> None:
    weights = tmp_path / "RN50.safetensors"
    weights.touch()
    create_scorer(ScorerChoice(kind=kind, device="cpu", precision="float32", exact_decode=True), tmp_path)
    assert loaded[0][:5] == (MaclipParameters(), weights, "cpu", "float32", True)


def test_given_weights_come_before_those_in_the_data_folder(tmp_path: Path, loaded: list[tuple[object, ...]]) -> None:
    (tmp_path / "RN50.safetensors").touch()
    given = tmp_path / "mine.pt"
    create_scorer(ScorerChoice(weights=given), tmp_path)
    assert loaded[0][1] == given


def test_given_weights_that_are_missing_are_an_error_and_no_silent_change_of_scorer(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no weights file"):
        create_scorer(ScorerChoice(weights=tmp_path / "nowhere.pt"), tmp_path)


def test_maclip_without_weights_says_how_to_get_them(tmp_path: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        create_scorer(ScorerChoice(kind="maclip"), tmp_path)
    assert str(caught.value) == (
        f"There are no CLIP RN50 weights in {tmp_path}; get them with"
        " 'maclip-desktop weights download --backbone RN50', or give a file with --weights."
    )


def test_maclip_downloads_only_where_allowed(
    tmp_path: Path, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "download_weights", fake_download)
    create_scorer(ScorerChoice(kind="maclip"), tmp_path, allow_download=True)
    assert loaded[0][1] == tmp_path / "RN50.maclip.safetensors"
    assert [path.name for path in tmp_path.iterdir()] == ["RN50.maclip.safetensors"]


def test_a_download_for_prompts_of_ones_own_keeps_the_text_encoder(
    tmp_path: Path, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(download, "download_weights", fake_download)
    choice = ScorerChoice(kind="maclip", parameters=MaclipParameters(prompts=(("crisp", "soft"),)))
    for _ in range(2):
        create_scorer(choice, tmp_path, allow_download=True)
    assert [call[1] for call in loaded] == [tmp_path / "RN50.safetensors"] * 2
    assert loaded[0][1].is_file()  # type: ignore[attr-defined]


def test_weights_are_found_by_the_backbones_name(tmp_path: Path) -> None:
    path = tmp_path / "ViT-B-32.pt"
    path.touch()
    assert find_weights(tmp_path, "ViT-B/32") == path
    assert find_weights(tmp_path, "ViT-B/16") is None
    assert find_weights(tmp_path / "nowhere", "RN50") is None


def test_safetensors_are_preferred(tmp_path: Path) -> None:
    for suffix in (".pt", ".safetensors", ".bin"):
        (tmp_path / f"RN50{suffix}").touch()
    assert find_weights(tmp_path, "RN50") == tmp_path / "RN50.safetensors"


def test_an_unfinished_download_is_not_found(tmp_path: Path) -> None:
    (tmp_path / "RN50.safetensors.part").touch()
    assert find_weights(tmp_path, "RN50") is None


class TestRememberedWeights:
    def test_are_used_while_they_are_there(self, tmp_path: Path, loaded: list[tuple[object, ...]]) -> None:
        (tmp_path / "RN50.safetensors").touch()
        remembered = tmp_path / "mine.pt"
        remembered.touch()
        choice = ScorerChoice(remembered_weights=remembered)
        create_scorer(choice, tmp_path)
        assert (loaded[0][1], choice.lost_weights) == (remembered, None)

    def test_give_way_to_those_given_now(self, tmp_path: Path, loaded: list[tuple[object, ...]]) -> None:
        remembered = tmp_path / "mine.pt"
        remembered.touch()
        create_scorer(ScorerChoice(weights=tmp_path / "now.pt", remembered_weights=remembered), tmp_path)
        assert loaded[0][1] == tmp_path / "now.pt"

    def test_that_are_gone_give_way_to_the_data_folder(self, tmp_path: Path, loaded: list[tuple[object, ...]]) -> None:
        (tmp_path / "RN50.safetensors").touch()
        choice = ScorerChoice(remembered_weights=tmp_path / "gone.pt")
        create_scorer(choice, tmp_path)
        assert (loaded[0][1], choice.lost_weights) == (tmp_path / "RN50.safetensors", tmp_path / "gone.pt")

    def test_that_are_gone_leave_the_technical_scorer(self, tmp_path: Path) -> None:
        choice = ScorerChoice(remembered_weights=tmp_path / "gone.pt")
        assert create_scorer(choice, tmp_path).name == "technical"

    @pytest.mark.parametrize("kind", ["auto", "maclip"])
    def test_are_nothing_lost_where_they_would_not_be_used(self, tmp_path: Path, kind: ScorerKind) -> None:
        gone = tmp_path / "gone.pt"
        assert ScorerChoice(kind="technical", remembered_weights=gone).lost_weights is None
        assert ScorerChoice(kind=kind, weights=tmp_path / "now.pt", remembered_weights=gone).lost_weights is None


def test_a_data_folder_whose_name_the_system_refuses_holds_no_weights(tmp_path: Path) -> None:
    assert find_weights(tmp_path / ("x" * 300), "RN50") is None


class TestWeightsToBeKept:
    """Chosen in the window, or downloaded there: they lie in the data folder from then on."""

    def test_a_chosen_file_is_imported_and_used_from_there(
        self, tmp_path: Path, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        chosen = tmp_path / "mine.pt"
        monkeypatch.setattr(importing, "import_weights", lambda source, folder, *_: folder / f"of-{source.name}")
        create_scorer(ScorerChoice(kind="maclip", weights=chosen, keep=True), tmp_path)
        assert loaded[0][1] == tmp_path / "of-mine.pt"

    def test_a_download_is_not_stopped_by_weights_that_nobody_knows(
        self, tmp_path: Path, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (tmp_path / "RN50.safetensors").write_bytes(b"of somebody else")
        monkeypatch.setattr(download, "download_weights", lambda backbone, folder, *_, **__: folder / "downloaded")
        create_scorer(ScorerChoice(kind="maclip", keep=True), tmp_path, allow_download=True)
        assert loaded[0][1] == tmp_path / "downloaded"

    def test_what_openai_published_is_not_downloaded_twice(
        self, tmp_path: Path, loaded: list[tuple[object, ...]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        there = tmp_path / "RN50.maclip.safetensors"
        there.touch()
        published = inventory.WeightsFile(there, 1, 0.0, "compact", known="OpenAI's RN50.pt")
        monkeypatch.setattr(inventory, "describe", lambda _: published)
        create_scorer(ScorerChoice(kind="maclip", keep=True), tmp_path, allow_download=True)
        assert loaded[0][1] == there

    def test_from_then_on_they_are_found_by_themselves(self, tmp_path: Path) -> None:
        chosen = ScorerChoice(kind="maclip", weights=tmp_path / "mine.pt", keep=True, device="cpu")
        assert chosen.from_now_on == ScorerChoice(kind="maclip", device="cpu")

    def test_prompts_of_ones_own_leave_the_data_folder_alone(
        self, tmp_path: Path, loaded: list[tuple[object, ...]]
    ) -> None:
        own = MaclipParameters(prompts=(("calm", "loud"),))
        chosen = ScorerChoice(kind="maclip", weights=tmp_path / "mine.pt", keep=True, parameters=own)
        create_scorer(chosen, tmp_path)
        assert loaded[0][1] == tmp_path / "mine.pt"
        assert chosen.from_now_on.weights == tmp_path / "mine.pt"
