"""``maclip-desktop weights``: which CLIP weights are there; get, take in and check them."""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from maclip_desktop.commands import DONE, INTERRUPTED, SOME_FAILED
from maclip_desktop.commands.actions import add_action
from maclip_desktop.commands.user_paths import whole
from maclip_desktop.console import Console
from maclip_desktop.disk import is_file
from maclip_desktop.errors import UsageError, WeightsError
from maclip_desktop.paths import AppPaths
from maclip_desktop.scoring.inventory import WeightsFile, describe, inventory, verify
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs
from maclip_desktop.scoring.prompts_file import read_prompts
from maclip_desktop.scoring.weights_folder import compact_path, complete_path, weights_files

SUMMARY = "say which CLIP weights are there, download them, import or check a file"

HOW_TO_GET = (
    "'maclip-desktop weights download' gets those of RN50 (about 250 MB);"
    " 'maclip-desktop weights import FILE' takes a file that you have."
)
_HASH_LETTERS = 12
_DAY_S = 86400


def add_options(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(metavar="status | download | import | verify", required=True)
    status = add_action(actions, "status", _status, "what is there, and where")
    status.add_argument("--json", action="store_true", help="as JSON")
    download = add_action(actions, "download", _download, "get OpenAI's weights and keep what scoring needs of them")
    _add_backbone(download, "RN50")
    download.add_argument("--keep-complete", action="store_true", help="also keep the file with the text encoder")
    take = add_action(actions, "import", _import, "take in a file of weights that you have; it is left as it is")
    take.add_argument("file", metavar="FILE", type=Path, help="safetensors, a PyTorch state dict or OpenAI's archive")
    _add_backbone(take, None)
    take.add_argument(
        "--precision",
        choices=("auto", "float32", "float16"),
        default="auto",
        help="auto: float16 where it loses nothing; float16 rounds where it must (default: auto)",
    )
    take.add_argument("--prompts", metavar="FILE", type=Path, help="pairs of prompts of your own, as JSON or text")
    check = add_action(actions, "verify", _verify, "read everything and check sums, tensors and numbers")
    check.add_argument(
        "file", metavar="FILE", type=Path, nargs="?", help="the file to check (default: all that are there)"
    )


def run(options: argparse.Namespace, paths: AppPaths, library_file: Path, console: Console) -> int:
    """Do what was asked for with the weights in the data folder."""
    code: int = options.action(options, paths.weights, console)
    return code


def _add_backbone(parser: argparse.ArgumentParser, default: str | None) -> None:
    text = f"one of {', '.join(BACKBONES)} (default: {default or 'what the file holds'})"
    parser.add_argument("--backbone", default=default, help=text)


def _status(options: argparse.Namespace, folder: Path, console: Console) -> int:
    there = inventory(folder)
    if options.json:
        for line in json.dumps(_as_json(there, folder), ensure_ascii=False, indent=1).splitlines():
            console.result(line)
        return DONE
    console.result(f"CLIP weights in {folder}:")
    for backbone, files in there.items():
        lines = [f"{file.path.name}: {_about(file)}" for file in files] or ["none"]
        for number, line in enumerate(lines):
            console.result(f"  {backbone if number == 0 else '':<9} {line}")
    if not any(file.kind != "unfinished download" for files in there.values() for file in files):
        console.say(f"There are no weights; {HOW_TO_GET}")
    return DONE


def _download(options: argparse.Namespace, folder: Path, console: Console) -> int:
    backbone = _known_backbone(options.backbone)
    wanted = compact_path(folder, backbone), *([complete_path(folder, backbone)] if options.keep_complete else [])
    there = [_sound(path, backbone) for path in wanted]
    # What somebody imported is no reason not to download what OpenAI published.
    if all(there) and there[0] is not None and there[0].known:
        console.say(f"There already: {wanted[0]}; 'maclip-desktop weights verify' checks it.")
        return DONE
    from maclip_desktop.scoring.download import download_weights

    try:
        path = download_weights(backbone, folder, console.download, keep_complete=options.keep_complete)
    except KeyboardInterrupt:
        console.say("Stopped. What has arrived is kept; start the download again, and it goes on where it ended.")
        return INTERRUPTED
    console.result(f"Ready: {path} ({_about(describe(path))})")
    return DONE


def _sound(path: Path, backbone: str) -> WeightsFile | None:
    """What the file is, or None where it is not there or of no use: what is damaged is to be replaced."""
    try:
        return verify(path, backbone)
    except WeightsError:
        return None


def _import(options: argparse.Namespace, folder: Path, console: Console) -> int:
    backbone = None if options.backbone is None else _known_backbone(options.backbone)
    prompts = None if options.prompts is None else read_prompts(whole(options.prompts))
    source = whole(options.file)
    given = describe(source)
    if given.backbone is not None:
        console.say(f"Found: {source} ({_about(given)})")
    replaced = _in_the_way(folder, given.backbone, prompts or given.own_prompts or PROMPT_PAIRS)

    from maclip_desktop.scoring.importing import import_weights

    path = import_weights(source, folder, backbone, prompts, options.precision)
    console.result(f"Imported: {path} ({_about(describe(path))})")
    if replaced is not None:
        console.say(f"It replaced the file that was there ({replaced}).")
    if describe(path).own_prompts:
        console.say("It is made for prompts of your own: score with --prompts FILE.")
    return DONE


def _in_the_way(folder: Path, backbone: str | None, prompts: PromptPairs) -> str | None:
    """What the compact file is that will be replaced; None where there is none."""
    if backbone not in BACKBONES or not is_file(file := compact_path(folder, backbone, prompts)):
        return None
    try:
        return _about(describe(file))
    except WeightsError as error:
        return str(error)


def _verify(options: argparse.Namespace, folder: Path, console: Console) -> int:
    files = list(_to_verify(options, folder))
    if not files:
        raise WeightsError(f"There are no weights in {folder}; {HOW_TO_GET.rstrip('.')}.")
    bad = 0
    for path, backbone in files:
        try:
            console.result(f"OK     {path}: {_about(verify(path, backbone))}")
        except WeightsError as error:
            bad += 1
            console.result(f"WRONG  {error}")
    return SOME_FAILED if bad else DONE


def _to_verify(options: argparse.Namespace, folder: Path) -> Iterator[tuple[Path, str | None]]:
    if options.file is not None:
        yield whole(options.file), None
        return
    for backbone in BACKBONES:
        for path in weights_files(folder, backbone):
            yield path, backbone


def _known_backbone(asked: str) -> str:
    if asked not in BACKBONES:
        raise UsageError(f"There is no backbone {asked!r}; choose one of {', '.join(BACKBONES)}.")
    return asked


def _about(file: WeightsFile) -> str:
    """A file of weights in one line, without its name."""
    if file.error:
        return file.error
    about = [f"{file.size / 1e6:.1f} MB", file.kind, _age(file.modified)]
    if file.kind == "unfinished download":
        return ", ".join([*about, f"'maclip-desktop weights download --backbone {file.backbone}' goes on with it"])
    about.insert(0, file.backbone or "no CLIP that this program knows")
    if file.precision:
        about.append(f"{file.precision}{' (rounded)' if file.rounded else ''}")
    if file.sha256:
        about.append(
            f"{file.known or file.remark or 'not known to this program'} (SHA-256 {file.sha256[:_HASH_LETTERS]}...)"
        )
    if file.own_prompts:
        about.append("own prompts: " + "; ".join(f"{good} / {bad}" for good, bad in file.own_prompts))
    return ", ".join(about)


def _age(modified: float) -> str:
    days = int((time.time() - modified) // _DAY_S)
    return "made today" if days < 1 else f"{days} day{'' if days == 1 else 's'} old"


def _as_json(there: dict[str, list[WeightsFile]], folder: Path) -> dict[str, Any]:
    return {
        "folder": str(folder),
        "backbones": {backbone: [_file_as_json(file) for file in files] for backbone, files in there.items()},
    }


def _file_as_json(file: WeightsFile) -> dict[str, Any]:
    modified = datetime.fromtimestamp(file.modified, UTC).isoformat(timespec="seconds")
    return asdict(file) | {"path": str(file.path), "modified": modified}
