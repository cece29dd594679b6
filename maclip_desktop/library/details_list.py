"""Many photos with their whole scores, read as they are wanted."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import overload

from maclip_desktop.core.photo import PhotoDetails


class DetailsList(Sequence[PhotoDetails]):
    """Photos in the order of their ids; going through them holds few at a time.

    A photo of 45 megapixels has the scores of 2500 tiles: a list of all of them would fill the memory.
    """

    def __init__(self, photo_ids: Sequence[int], read: Callable[[Iterable[int]], Iterator[PhotoDetails]]) -> None:
        self._ids = photo_ids
        self._read = read

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[PhotoDetails]:
        return self._read(self._ids)

    @overload
    def __getitem__(self, place: int) -> PhotoDetails: ...

    @overload
    def __getitem__(self, place: slice) -> "DetailsList": ...

    def __getitem__(self, place: int | slice) -> "PhotoDetails | DetailsList":
        if isinstance(place, slice):
            return DetailsList(self._ids[place], self._read)
        return next(self._read([self._ids[place]]))
