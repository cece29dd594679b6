"""Compact files of weights: small, quick, and never wrong without saying so."""

import errno
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from maclip_desktop.errors import UsageError, WeightsError
from maclip_desktop.scoring import compact, compact_header
from maclip_desktop.scoring.compact import SourcedTower, Storage, read_compact, write_compact
from maclip_desktop.scoring.compact_header import Provenance, with_checksum
from maclip_desktop.scoring.known_weights import DOWNLOADED, PUBLISHED
from maclip_desktop.scoring.prompts import PROMPT_PAIRS
from maclip_desktop.scoring.standin import standin_state
from maclip_desktop.scoring.tower import ImageTower
from maclip_desktop.scoring.weights import read_sourced, read_tower
from maclip_desktop.scoring.weights_file import split_header
from tests.helpers.small_clip import shrink_clips, write_small_weights

OWN_PROMPTS = (("crisp", "foggy"),)


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    shrink_clips(monkeypatch)


@pytest.fixture
def source(small: None, tmp_path: Path) -> SourcedTower:
    """Float16 matrices, and vectors that need float32, as in OpenAI's archives."""
    read = read_sourced(write_small_weights(tmp_path / "complete.safetensors"), "RN50")
    state = {n: v.float() + 1e-5 if v.ndim == 1 else v for n, v in read.tower.state.items()}
    return replace(read, tower=replace(read.tower, state=state))


@pytest.fixture
def fine(source: SourcedTower) -> SourcedTower:
    """Matrices, too, that float16 cannot hold."""
    state = {name: value.float() * 1.0001 for name, value in source.tower.state.items()}
    return replace(source, tower=replace(source.tower, state=state))


@pytest.fixture
def path(source: SourcedTower, tmp_path: Path) -> Path:
    write_compact(source, tmp_path / "weights" / "RN50.maclip.safetensors")
    return tmp_path / "weights" / "RN50.maclip.safetensors"


def assert_same(tower: ImageTower, other: ImageTower) -> None:
    assert (tower.backbone, tower.prompts, tower.logit_scale) == (other.backbone, other.prompts, other.logit_scale)
    assert torch.equal(tower.text_features, other.text_features)
    assert tower.state.keys() == other.state.keys()
    assert all(torch.equal(tower.state[name].float(), other.state[name].float()) for name in other.state)


def rewrite(path: Path, metadata: dict[str, str], tensors: dict[str, Any], seal: bool = True) -> None:
    """Write a compact file with other content, with a checksum that is right where *seal* asks for it."""
    safetensors.torch.save_file(tensors, path, metadata)
    if seal:
        content = path.read_bytes()
        header = split_header(content, path)
        chunks = [content[header.data_start :]]
        safetensors.torch.save_file(tensors, path, with_checksum(metadata, header.tensors, chunks))


def parts(path: Path) -> tuple[dict[str, str], dict[str, Any]]:
    content = path.read_bytes()
    return split_header(content, path).metadata, safetensors.torch.load(content)


def refusal(path: Path) -> str:
    with pytest.raises(WeightsError) as caught:
        read_tower(path, "RN50")
    sentence = str(caught.value)
    assert str(path) in sentence
    assert "\n" not in sentence
    return sentence


class TestWhatIsKept:
    def test_everything_that_scoring_needs(self, source: SourcedTower, path: Path) -> None:
        tower = read_tower(path, "RN50")
        assert_same(tower, source.tower)
        assert tower.sha256 == source.tower.sha256

    def test_float16_where_it_loses_nothing_and_float32_elsewhere(self, source: SourcedTower, path: Path) -> None:
        state = read_tower(path, "RN50").state
        assert {value.dtype for value in state.values() if value.ndim > 1} == {torch.float16}
        assert {value.dtype for value in state.values() if value.ndim == 1} == {torch.float32}

    def test_exact_numbers_stay_exact(self, fine: SourcedTower, path: Path) -> None:
        write_compact(fine, path)
        read = read_compact(path, "RN50", None)
        assert_same(read.tower, fine.tower)
        assert not read.provenance.lossy

    def test_float32_stores_all_in_it(self, source: SourcedTower, path: Path) -> None:
        write_compact(source, path, "float32")
        read = read_compact(path, "RN50", None)
        assert_same(read.tower, source.tower)
        assert {value.dtype for value in read.tower.state.values()} == {torch.float32}

    def test_float16_rounds_matrices_and_says_so(self, fine: SourcedTower, path: Path) -> None:
        write_compact(fine, path, "float16")
        read = read_compact(path, "RN50", None)
        for name, value in read.tower.state.items():
            exact = fine.tower.state[name]
            assert torch.equal(value.float(), exact.half().float() if exact.ndim > 1 else exact)
        assert read.provenance == replace(fine.provenance, lossy=True)

    def test_rounded_weights_have_a_name_of_their_own(self, fine: SourcedTower, path: Path) -> None:
        write_compact(fine, path, "float16")
        rounded = read_tower(path, "RN50").sha256
        assert rounded != fine.tower.sha256
        assert len(rounded) == len(fine.tower.sha256)

    def test_what_was_rounded_once_stays_rounded(self, fine: SourcedTower, path: Path) -> None:
        write_compact(fine, path, "float16")
        first = read_compact(path, "RN50", None)
        write_compact(first, path, "float32")
        assert read_compact(path, "RN50", None).provenance == first.provenance

    def test_numbers_too_large_for_float16_are_not_rounded(self, source: SourcedTower, path: Path) -> None:
        state = source.tower.state | {"conv1.weight": source.tower.state["conv1.weight"].float() * 1e6}
        large = replace(source, tower=replace(source.tower, state=state))
        write_compact(large, path, "float16")
        assert_same(read_tower(path, "RN50"), large.tower)

    def test_own_prompts(self, source: SourcedTower, path: Path) -> None:
        tower = replace(source.tower, prompts=OWN_PROMPTS, text_features=source.tower.text_features[:1].clone())
        write_compact(replace(source, tower=tower), path)
        assert_same(read_tower(path, "RN50", OWN_PROMPTS), tower)

    def test_an_unknown_precision_is_wrong_use(self, source: SourcedTower, tmp_path: Path) -> None:
        precision: Any = "float8"
        with pytest.raises(UsageError, match="choose one of auto, float32, float16"):
            write_compact(source, tmp_path / "file", precision)
        assert not (tmp_path / "file").exists()


@pytest.mark.parametrize(("precision", "limit"), [("float32", 160e6), ("float16", 80e6)])
def test_the_real_rn50_stays_small(tmp_path: Path, precision: Storage, limit: float) -> None:
    visual = {n.removeprefix("visual."): v for n, v in standin_state().items() if n.startswith("visual.")}
    state = {n: v for n, v in visual.items() if not n.endswith(("positional_embedding", "num_batches_tracked"))}
    tower = ImageTower("RN50", state, PROMPT_PAIRS, torch.zeros(5, 2, 1024), 100.0, "0" * 64)
    write_compact(SourcedTower(tower, Provenance("0" * 64)), tmp_path / "file", precision)
    assert (tmp_path / "file").stat().st_size <= limit


def test_a_compact_file_is_read_without_open_clip(small: None, path: Path) -> None:
    program = (
        "import sys, pathlib\n"
        "from maclip_desktop.scoring import architecture, weights\n"
        "from dataclasses import replace\n"
        "one = architecture.ARCHITECTURES['RN50']\n"
        "small = replace(one, blocks=(1, 1, 1, 1), width=16, text_width=64, text_layers=1)\n"
        "architecture.ARCHITECTURES['RN50'] = small\n"
        "weights.read_tower(pathlib.Path(sys.argv[1]), 'RN50')\n"
        "sys.exit('open_clip' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


class TestWhatIsRefused:
    def test_other_prompts_than_those_it_was_made_for(self, path: Path) -> None:
        with pytest.raises(WeightsError) as caught:
            read_tower(path, "RN50", OWN_PROMPTS)
        assert str(caught.value) == (
            f"{path} is a compact file made for the paper's prompts, not for those asked for; give the complete weights"
            " with --weights FILE, or import them again with 'maclip-desktop weights import FILE --prompts FILE'."
        )

    def test_the_papers_prompts_where_it_was_made_for_others(self, source: SourcedTower, path: Path) -> None:
        tower = replace(source.tower, prompts=OWN_PROMPTS, text_features=source.tower.text_features[:1].clone())
        write_compact(replace(source, tower=tower), path)
        assert refusal(path).endswith("import them again with 'maclip-desktop weights import FILE'.")

    def test_another_backbone(self, path: Path) -> None:
        with pytest.raises(WeightsError, match="holds RN50, but RN101 was asked for; use --backbone RN50"):
            read_tower(path, "RN101")

    def test_a_file_of_a_newer_program(self, path: Path, source: SourcedTower, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(compact_header, "FORMAT", 2)
        write_compact(source, path)
        monkeypatch.undo()
        assert "was made by a newer version of MaClip Desktop" in refusal(path)

    @pytest.mark.parametrize("kept", [0.0001, 0.5, 0.99999])
    def test_a_truncated_file(self, path: Path, kept: float) -> None:
        content = path.read_bytes()
        path.write_bytes(content[: int(len(content) * kept)])
        assert "is damaged or incomplete" in refusal(path)

    @pytest.mark.parametrize("place", [0.1, 0.5, 0.999999])
    def test_a_single_changed_bit(self, path: Path, place: float) -> None:
        content = bytearray(path.read_bytes())
        content[int(len(content) * place)] ^= 1
        path.write_bytes(content)
        assert "is damaged or incomplete" in refusal(path)

    @pytest.mark.parametrize("key", ["logit_scale", "prompts", "sha256", "lossy", "origin", "program"])
    def test_a_changed_word_in_its_header(self, path: Path, key: str) -> None:
        metadata, tensors = parts(path)
        other = {"logit_scale": "99.0", "prompts": json.dumps(OWN_PROMPTS), "lossy": "true"}.get(key, "0" * 64)
        rewrite(path, {**metadata, key: other}, tensors, seal=False)
        assert "is damaged or incomplete" in refusal(path)

    @pytest.mark.parametrize("key", ["backbone", "logit_scale", "prompts", "sha256", "lossy", "program"])
    def test_a_header_without_one_of_its_words(self, path: Path, key: str) -> None:
        metadata, tensors = parts(path)
        del metadata[key]
        rewrite(path, metadata, tensors)
        assert "is damaged or incomplete" in refusal(path)

    def test_an_unknown_backbone(self, path: Path) -> None:
        metadata, tensors = parts(path)
        rewrite(path, {**metadata, "backbone": "RN9000"}, tensors)
        assert "is damaged or incomplete" in refusal(path)

    @pytest.mark.parametrize("name", ["visual.layer2.0.conv1.weight", "text_features"])
    def test_a_missing_tensor(self, path: Path, name: str) -> None:
        metadata, tensors = parts(path)
        del tensors[name]
        rewrite(path, metadata, tensors)
        assert f"missing or do not fit: 1, the first is {name}" in refusal(path)

    def test_a_tensor_of_another_shape(self, path: Path) -> None:
        metadata, tensors = parts(path)
        rewrite(path, metadata, tensors | {"visual.bn1.weight": torch.zeros(3)})
        assert "the first is visual.bn1.weight" in refusal(path)

    def test_a_tensor_of_whole_numbers(self, path: Path) -> None:
        metadata, tensors = parts(path)
        rewrite(path, metadata, tensors | {"visual.bn1.weight": tensors["visual.bn1.weight"].int()})
        assert "is damaged or incomplete" in refusal(path)

    @pytest.mark.parametrize("name", ["visual.attnpool.c_proj.weight", "visual.bn1.weight", "text_features"])
    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_numbers_that_are_not_finite(self, path: Path, name: str, number: float) -> None:
        metadata, tensors = parts(path)
        tensors[name].view(-1)[7] = number
        rewrite(path, metadata, tensors)
        assert f"holds numbers that are not finite (in {name})" in refusal(path)

    def test_a_logit_scale_that_is_not_finite(self, path: Path) -> None:
        metadata, tensors = parts(path)
        rewrite(path, {**metadata, "logit_scale": "inf"}, tensors)
        assert "holds numbers that are not finite (in the logit scale)" in refusal(path)


class TestWriting:
    def failing(self, source: SourcedTower, target: Path) -> str:
        before = target.read_bytes() if target.is_file() else None
        with pytest.raises(WeightsError) as caught:
            write_compact(source, target)
        assert (target.read_bytes() if target.is_file() else None) == before, "what was there stays"
        assert str(target) in str(caught.value)
        return str(caught.value)

    def test_replaces_what_was_there_and_leaves_nothing_else(self, fine: SourcedTower, path: Path) -> None:
        write_compact(fine, path)
        assert_same(read_tower(path, "RN50"), fine.tower)
        assert list(path.parent.iterdir()) == [path]

    def test_a_full_disk_is_one_sentence(
        self, source: SourcedTower, path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(handle: int) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        monkeypatch.setattr(os, "fsync", full)
        sentence = self.failing(source, path)
        assert sentence.endswith(
            "could not be written (No space left on device); check the folder's permissions and free space."
        )
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.skipif(sys.platform == "win32", reason="there is no limit to set")
    def test_a_file_that_may_not_grow_so_large_is_one_sentence(self, source: SourcedTower, path: Path) -> None:
        import resource

        limits = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, limits[1]))
        try:
            sentence = self.failing(source, path)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        assert "could not be written (File too large)" in sentence
        assert list(path.parent.iterdir()) == [path]

    def test_a_folder_that_is_a_file_is_one_sentence(self, source: SourcedTower, tmp_path: Path) -> None:
        (tmp_path / "weights").write_text("in the way")
        assert "could not be written" in self.failing(source, tmp_path / "weights" / "RN50.maclip.safetensors")

    @pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="the superuser may write everywhere")
    def test_a_folder_that_is_read_only_is_one_sentence(self, source: SourcedTower, path: Path) -> None:
        path.parent.chmod(0o500)
        try:
            assert "Permission denied" in self.failing(source, path)
        finally:
            path.parent.chmod(0o700)

    def test_a_folder_in_the_files_place_is_one_sentence(self, source: SourcedTower, tmp_path: Path) -> None:
        (tmp_path / "RN50.maclip.safetensors" / "inside").mkdir(parents=True)
        assert "could not be written" in self.failing(source, tmp_path / "RN50.maclip.safetensors")

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGKILL")
    def test_a_program_that_is_killed_leaves_the_old_file_and_its_rest_is_removed_by_the_next(
        self, source: SourcedTower, path: Path
    ) -> None:
        before = path.read_bytes()
        program = (
            "import os, sys, signal, pathlib\n"
            "from maclip_desktop.scoring.safe_writing import write_safely\n"
            "def chunks():\n"
            "    yield bytes(5_000_000)\n"
            "    os.kill(os.getpid(), signal.SIGKILL)\n"
            "write_safely(pathlib.Path(sys.argv[1]), chunks())"
        )
        done = subprocess.run([sys.executable, "-c", program, path], check=False)
        assert done.returncode == -signal.SIGKILL
        assert path.read_bytes() == before
        assert len(list(path.parent.iterdir())) == 2
        write_compact(source, path)
        assert list(path.parent.iterdir()) == [path]

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows keeps open files by itself")
    def test_the_file_of_another_program_at_work_is_left_alone(self, source: SourcedTower, path: Path) -> None:
        program = (
            "import sys, pathlib\n"
            "from maclip_desktop.scoring.safe_writing import write_safely\n"
            "def chunks():\n"
            "    yield b'mine'\n"
            "    print('ready', flush=True)\n"
            "    sys.stdin.read()\n"
            "write_safely(pathlib.Path(sys.argv[1]), chunks())"
        )
        pipe = subprocess.PIPE
        with subprocess.Popen([sys.executable, "-c", program, path], stdin=pipe, stdout=pipe, text=True) as other:
            assert other.stdout is not None
            assert other.stdout.readline() == "ready\n"
            write_compact(source, path)
            assert len(list(path.parent.iterdir())) == 2
            other.communicate("")
        assert path.read_bytes() == b"mine", "who writes last has its whole file there"
        assert list(path.parent.iterdir()) == [path]


def test_the_bytes_of_a_tensor_are_taken_in_its_own_order() -> None:
    strided = torch.arange(6, dtype=torch.float32).reshape(2, 3).T
    assert bytes(compact._bytes(strided)) == strided.contiguous().numpy().tobytes()


@pytest.mark.parametrize(
    ("sha256", "origin", "known"),
    [
        (next(iter(PUBLISHED)), "", True),
        ("0" * 64, DOWNLOADED, True),
        ("0" * 64, "", False),
        ("0" * 64, "random numbers", False),
    ],
)
def test_only_published_and_downloaded_weights_are_known(sha256: str, origin: str, known: bool) -> None:
    assert bool(Provenance(sha256, origin=origin).known) == known
