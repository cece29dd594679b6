"""OpenAI's original archives: the numbers of a TorchScript file, read without its program.

``torch.jit.load`` would compile and may run what the archive brings along. Here the archive is opened as what it is, a
zip file of raw numbers with a pickle that says which is which, and only the few words needed for that are understood.
"""

import io
import pickle
import zipfile
from collections import OrderedDict
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

_DTYPES = {
    "HalfStorage": torch.float16,
    "FloatStorage": torch.float32,
    "DoubleStorage": torch.float64,
    "BFloat16Storage": torch.bfloat16,
    "BoolStorage": torch.bool,
    "ByteStorage": torch.uint8,
    "CharStorage": torch.int8,
    "ShortStorage": torch.int16,
    "IntStorage": torch.int32,
    "LongStorage": torch.int64,
}
_LISTS = {"build_intlist", "build_tensorlist", "build_doublelist", "build_boollist"}


def is_torchscript(path: Path) -> bool:
    """Whether a zip file holds a TorchScript program. Raises ``zipfile.BadZipFile`` or ``OSError``."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
    return any(name.endswith("/constants.pkl") for name in names) and any("/code/" in name for name in names)


def read_torchscript(path: Path) -> dict[str, Tensor]:
    """The tensors of every module in the archive by their dotted names, as they are stored, on the CPU.

    No program in the file is run. Raises ``pickle.UnpicklingError`` for what is not understood, and what Python's
    readers of zip files and pickles raise for damaged ones.
    """
    with zipfile.ZipFile(path) as archive:
        (entry,) = (name for name in archive.namelist() if name.count("/") == 1 and name.endswith("/data.pkl"))
        root = entry.removesuffix("data.pkl")
        module = _Reader(archive, root).load()
    return dict(_tensors(module, ""))


class _Module:
    """Stands for a module of any class: only what it holds matters."""

    held: Any = None

    def __setstate__(self, state: object) -> None:
        self.held = state


class _Reader(pickle.Unpickler):
    """Understands modules, tensors and the storages they lie in; anything else ends the reading."""

    def __init__(self, archive: zipfile.ZipFile, root: str) -> None:
        super().__init__(io.BytesIO(_entry(archive, f"{root}data.pkl")))
        self._archive, self._root = archive, root
        self._storages: dict[str, Tensor] = {}

    def find_class(self, module: str, name: str) -> Any:
        if module.startswith("__torch__"):
            return _Module
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _tensor
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch.jit._pickle" and name in _LISTS:
            return list
        if module == "torch" and name in _DTYPES:
            return _DTYPES[name]
        raise pickle.UnpicklingError(f"{module}.{name} is no part of weights")

    def persistent_load(self, pid: Any) -> Tensor:
        """The numbers of one storage; each is read once. The device that it was saved from does not matter."""
        _, dtype, key, _, _ = pid
        if key not in self._storages:
            self._storages[key] = torch.frombuffer(
                bytearray(_entry(self._archive, f"{self._root}data/{key}")), dtype=dtype
            )
        return self._storages[key]


def _entry(archive: zipfile.ZipFile, name: str) -> bytes:
    # PyTorch stores without compressing; what is compressed might unfold to more than the memory holds.
    if archive.getinfo(name).compress_type != zipfile.ZIP_STORED:
        raise pickle.UnpicklingError(f"{name} is compressed")
    return archive.read(name)


def _tensor(storage: Tensor, offset: int, size: tuple[int, ...], stride: tuple[int, ...], *_: object) -> Tensor:
    return storage.as_strided(size, stride, offset)


def _tensors(module: object, prefix: str) -> Any:
    held = module.held if isinstance(module, _Module) else None
    if not isinstance(held, dict):
        return
    for name, value in held.items():
        if isinstance(value, Tensor):
            yield f"{prefix}{name}", value
        else:
            yield from _tensors(value, f"{prefix}{name}.")
