"""What a compact file of weights says of itself. Imports neither torch nor open_clip.

The file is safetensors: the image tower's tensors as ``visual.*``, the prompts' text features, and text in the header.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from maclip_desktop import __version__
from maclip_desktop.disk import is_file
from maclip_desktop.errors import UsageError, WeightsError
from maclip_desktop.scoring.architecture import require_asked
from maclip_desktop.scoring.known_weights import DOWNLOADED, identify
from maclip_desktop.scoring.parameters import BACKBONES
from maclip_desktop.scoring.prompts import PROMPT_PAIRS, PromptPairs, require_prompt_pairs
from maclip_desktop.scoring.weights_file import SafetensorsHeader, damaged, read_header
from maclip_desktop.scoring.weights_folder import compact_path

FORMAT = 1
"""Goes up when an older program could no longer read the file rightly."""

IMAGE_PREFIX = "visual."
TEXT_FEATURES = "text_features"
_FORMAT_KEY = "maclip_desktop_format"
_CHECKSUM_KEY = "checksum"


@dataclass(frozen=True)
class Provenance:
    """Where weights come from."""

    sha256: str
    """Of the complete file."""
    lossy: bool = False
    """True where numbers were rounded when the compact file was made."""
    origin: str = ""
    """How the complete file was got, for people; empty for a file that somebody gave."""

    @property
    def known(self) -> str | None:
        """What the complete file is known as, for people; None where nothing is known of it."""
        return identify(self.sha256) or (self.origin if self.origin == DOWNLOADED else None)

    @property
    def name(self) -> str:
        """What scores are named by: rounded numbers give other scores, which must not pass for those of the exact."""
        return hashlib.sha256(f"{self.sha256}:float16".encode()).hexdigest() if self.lossy else self.sha256


@dataclass(frozen=True)
class CompactHeader:
    """The text in a compact file's header."""

    backbone: str
    prompts: PromptPairs
    logit_scale: float
    provenance: Provenance
    program: str = __version__
    """The version of this program that wrote the file."""

    def metadata(self) -> dict[str, str]:
        """As safetensors wants it: text by text; without the checksum."""
        return {
            _FORMAT_KEY: str(FORMAT),
            "backbone": self.backbone,
            "prompts": json.dumps(self.prompts),
            "logit_scale": repr(self.logit_scale),
            "sha256": self.provenance.sha256,
            "lossy": json.dumps(self.provenance.lossy),
            "origin": self.provenance.origin,
            "program": self.program,
        }

    def require_backbone(self, asked: str | None, path: Path) -> None:
        """Raise `WeightsError` unless this is the backbone that was *asked* for; None asks for any."""
        require_asked(self.backbone, asked, path)

    def require_prompts(self, asked: PromptPairs | None, path: Path) -> None:
        """Raise `WeightsError` unless the text features are those of the prompts *asked* for; None asks for any."""
        if asked in (None, self.prompts):
            return
        held = "the paper's prompts" if self.prompts == PROMPT_PAIRS else "prompts of somebody's own"
        raise WeightsError(
            f"{path} is a compact file made for {held}, not for those asked for; give the complete weights with"
            " --weights FILE, or import them again with 'maclip-desktop weights import FILE"
            f"{'' if asked == PROMPT_PAIRS else ' --prompts FILE'}'."
        )


def is_compact(header: SafetensorsHeader | None) -> bool:
    """Whether a file with this header is one of ours."""
    return header is not None and _FORMAT_KEY in header.metadata


def compact_header(header: SafetensorsHeader, path: Path) -> CompactHeader:
    """Understand the header of a compact file. Raises `WeightsError` for a damaged one and one of a newer program."""
    text = header.metadata
    try:
        if (version := int(text[_FORMAT_KEY])) > FORMAT:
            raise WeightsError(
                f"{path} was made by a newer version of MaClip Desktop (form {version}, this program knows"
                f" {FORMAT}); install the newer version, or import the complete weights again."
            )
        provenance = Provenance(text["sha256"], json.loads(text["lossy"]) is True, text["origin"])
        prompts = require_prompt_pairs(
            tuple((positive, negative) for positive, negative in json.loads(text["prompts"]))
        )
        found = CompactHeader(text["backbone"], prompts, float(text["logit_scale"]), provenance, text["program"])
    except (LookupError, ValueError, TypeError, AttributeError, UsageError) as error:
        raise damaged(path) from error
    if found.backbone not in BACKBONES:
        raise damaged(path)
    return found


def provenance_of(complete: Path, sha256: str, backbone: str, origin: str = "") -> Provenance:
    """Where the complete file with this hash comes from; where nobody says it, a compact file beside it may know."""
    return Provenance(sha256, origin=origin or _origin_beside(compact_path(complete.parent, backbone), sha256))


def _origin_beside(compact: Path, sha256: str) -> str:
    if not is_file(compact):
        return ""
    try:
        header = read_header(compact)
        made_of = compact_header(header, compact).provenance if header is not None and is_compact(header) else None
    except WeightsError:
        return ""
    return made_of.origin if made_of is not None and made_of.sha256 == sha256 else ""


def with_checksum(metadata: Mapping[str, str], tensors: Mapping[str, Any], chunks: Any) -> dict[str, str]:
    """*metadata* with the checksum of everything: itself, the table of tensors, and their bytes in *chunks*."""
    plain = {key: value for key, value in metadata.items() if key != _CHECKSUM_KEY}
    digest = hashlib.sha256(json.dumps([plain, tensors], sort_keys=True).encode())
    for chunk in chunks:
        digest.update(chunk)
    return {**plain, _CHECKSUM_KEY: digest.hexdigest()}


def require_checksum(header: SafetensorsHeader, data: memoryview, path: Path) -> None:
    """Raise `WeightsError` unless header and *data* (all the tensors' bytes) are as they were written."""
    if with_checksum(header.metadata, header.tensors, [data]) != header.metadata:
        raise damaged(path)
