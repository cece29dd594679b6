"""Drives whose changes the system does not announce."""

import re
from pathlib import Path

MOUNTS = Path("/proc/self/mounts")
"""Linux's list of mounted drives; absent on other systems, whose announcements cover network drives."""

_SILENT_KINDS = frozenset(
    {
        "9p", "afs", "ceph", "cifs", "davfs", "drvfs", "fuse.davfs2", "fuse.gvfsd-fuse", "fuse.rclone", "fuse.sshfs",
        "ncpfs", "nfs", "nfs4", "prl_fs", "smb3", "smbfs", "vboxsf", "virtiofs", "vmhgfs",
    }
)  # fmt: skip
"""File systems that another machine writes to: Linux tells only of what this machine does to them."""


def is_silent(folder: Path, mounts: Path = MOUNTS) -> bool:
    """Whether *folder* (absolute, links resolved) lies on a drive that other machines change unannounced."""
    try:
        lines = mounts.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return False
    around = [(mount, kind) for mount, kind in map(_parsed, lines) if folder.is_relative_to(mount)]
    # Of drives mounted over one another at one place, the last one counts.
    deepest = max(enumerate(around), key=lambda item: (len(item[1][0].parts), item[0]), default=None)
    return deepest is not None and deepest[1][1] in _SILENT_KINDS


def _parsed(line: str) -> tuple[Path, str]:
    """Mount point and kind of a line; blanks in the mount point are written as ``\\040``."""
    _, mount, kind, *_ = line.split(" ")
    return Path(re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), mount)), kind
