"""Small picture files of our own of every kind the program opens: what a fuzz run mutates."""

import io
import struct
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, PngImagePlugin
from PIL.ExifTags import IFD, Base

from tests.unit.imaging.test_fuzz_finds import heic, item
from tests.unit.imaging.test_raw import write_dng

Seed = tuple[str, bytes]
"""Suffix and content."""

_XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="3" '
    b'xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/></rdf:RDF></x:xmpmeta>'
)


def seeds() -> list[Seed]:
    """About fifty files, a few hundred bytes to a few thousand each."""
    return [*_jpegs(), *_pngs(), *_tiffs(), *_others(), *_heifs(), *_raws()]


def scene(mode: str = "RGB", size: tuple[int, int] = (48, 36)) -> Image.Image:
    """A ramp each way, with some grain."""
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]]
    grain = np.random.default_rng(5).integers(0, 40, (size[1], size[0]))
    pixels = np.stack([columns * 4 + grain, rows * 5 + grain, 90 + grain], axis=-1).astype(np.uint8)
    return Image.fromarray(pixels).convert(mode)


def _saved(image: Image.Image, kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **how)
    return out.getvalue()


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def _exif() -> Image.Exif:
    exif = Image.Exif()
    exif[Base.Make], exif[Base.Model], exif[Base.Orientation] = "Maker", "Model 7", 6
    exif[Base.DateTime] = "2026:11:21 20:34:05"
    shot = exif.get_ifd(IFD.Exif)
    shot[Base.DateTimeOriginal], shot[Base.SubsecTimeOriginal] = "2026:11:21 20:34:05", "123"
    shot[Base.ExposureTime], shot[Base.FNumber], shot[Base.ISOSpeedRatings] = (1, 250), (28, 10), 400
    shot[Base.LensModel], shot[Base.FocalLength], shot[Base.MakerNote] = "Lens 50", (50, 1), b"maker" * 4
    exif.get_ifd(IFD.GPSInfo).update({1: "N", 2: (52.0, 30.0, 1.5), 3: "E", 4: (13.0, 24.0, 0.0)})
    return exif


def _jpegs() -> Iterator[Seed]:
    picture = scene()
    yield ".jpg", _saved(picture, "JPEG")
    yield ".jpg", _saved(picture, "JPEG", progressive=True)
    yield ".jpg", _saved(picture, "JPEG", subsampling=0, restart_marker_blocks=2)
    yield ".jpg", _saved(scene("L"), "JPEG")
    yield ".jpg", _saved(scene("CMYK"), "JPEG")
    yield ".jpg", _saved(picture, "JPEG", exif=_exif(), xmp=_XMP, icc_profile=_profile())
    yield ".jpg", _saved(picture, "JPEG", exif=_exif())
    yield ".mpo", _saved(picture, "MPO", save_all=True, append_images=[scene(size=(40, 30))])


def _pngs() -> Iterator[Seed]:
    picture = scene()
    text = PngImagePlugin.PngInfo()
    text.add_itxt("XML:com.adobe.xmp", _XMP.decode(), zip=True)
    text.add_text("Raw profile type exif", "\nexif\n 4\n45786966\n", zip=True)
    yield ".png", _saved(picture, "PNG")
    yield ".png", _saved(picture, "PNG", exif=_exif(), icc_profile=_profile())
    yield ".png", _saved(picture, "PNG", pnginfo=text)
    yield ".png", _saved(scene("P"), "PNG", transparency=3)
    yield ".png", _saved(scene("RGBA"), "PNG")
    yield ".png", _saved(scene("1"), "PNG")
    yield ".png", _saved(Image.fromarray(_sixteen_bits()), "PNG")
    yield ".png", _colour_of_sixteen_bits()
    yield ".png", _saved(picture, "PNG", save_all=True, append_images=[scene("L").convert("RGB")])


def _sixteen_bits() -> NDArray[np.uint16]:
    return np.asarray(scene("L"), dtype=np.uint16) * 257


def _colour_of_sixteen_bits() -> bytes:
    """Pillow writes none."""
    pixels = np.asarray(scene(), dtype=">u2") * 257
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 16, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"eXIf", _exif().tobytes()[6:]), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(kind, body) for kind, body in chunks)


def png_chunk(kind: bytes, body: bytes) -> bytes:
    """A chunk with its length and checksum (PNG specification, 5.3)."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def _tiffs() -> Iterator[Seed]:
    picture = scene()
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
        yield ".tif", _saved(picture, "TIFF", compression=compression)
    yield ".tif", _saved(scene("CMYK"), "TIFF", compression="tiff_lzw")
    yield ".tif", _saved(scene("F"), "TIFF")
    yield ".tif", _saved(Image.fromarray(_sixteen_bits()), "TIFF")
    yield ".tif", _saved(scene("1"), "TIFF", compression="group4")
    yield ".tif", _saved(picture, "TIFF", exif=_exif(), icc_profile=_profile())
    yield ".tif", _saved(picture, "TIFF", big_tiff=True)
    yield ".tif", _saved(picture, "TIFF", save_all=True, append_images=[scene("L")])
    yield ".tif", _tiled()


def _tiled() -> bytes:
    """Grey, of 16 x 16 tiles that go beyond its edge; Pillow writes none."""
    grey = np.asarray(scene("L"))
    across, down = -(-grey.shape[1] // 16), -(-grey.shape[0] // 16)
    padded = np.pad(grey, ((0, 16 * down - grey.shape[0]), (0, 16 * across - grey.shape[1])))
    tiles = [padded[16 * y : 16 * y + 16, 16 * x : 16 * x + 16].tobytes() for y in range(down) for x in range(across)]
    count, after = len(tiles), 8 + 2 + 12 * 10 + 4
    offsets = struct.pack(f"<{count}I", *(after + 8 * count + 256 * number for number in range(count)))
    sizes = struct.pack(f"<{count}I", *(256,) * count)
    short, long = 3, 4
    tags = (
        (256, short, 1, grey.shape[1]), (257, short, 1, grey.shape[0]), (258, short, 1, 8), (259, short, 1, 1),
        (262, short, 1, 1), (277, short, 1, 1), (322, short, 1, 16), (323, short, 1, 16),
        (324, long, count, after), (325, long, count, after + 4 * count),
    )  # fmt: skip
    directory = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + directory + bytes(4) + offsets + sizes + b"".join(tiles)


def _others() -> Iterator[Seed]:
    picture = scene()
    frames = [scene("L").convert("P"), scene("P").rotate(90)]
    yield ".gif", _saved(scene("P"), "GIF")
    yield ".gif", _saved(scene("P"), "GIF", save_all=True, append_images=frames, transparency=1, disposal=2)
    yield ".webp", _saved(picture, "WEBP", quality=50)
    yield ".webp", _saved(scene("RGBA"), "WEBP", lossless=True, exif=_exif(), icc_profile=_profile(), xmp=_XMP)
    yield ".webp", _saved(picture, "WEBP", save_all=True, append_images=[picture.rotate(180)])
    yield ".bmp", _saved(picture, "BMP")
    yield ".bmp", _saved(scene("P"), "BMP")
    yield ".ppm", _saved(picture, "PPM")
    yield ".pgm", b"P5 8 6 65535\n" + bytes(range(96))
    yield ".ppm", b"P3 3 2 255\n" + b"12 200 3 " * 6
    yield ".ico", _saved(scene(size=(48, 48)), "ICO", sizes=[(16, 16), (32, 32)])
    yield ".ico", _saved(scene(size=(48, 48)), "ICO", sizes=[(32, 32)], bitmap_format="bmp")
    yield ".jp2", _saved(picture, "JPEG2000")
    yield ".j2k", _saved(picture, "JPEG2000", no_jp2=True, tile_size=(16, 16))


def _heifs() -> Iterator[Seed]:
    """AVIF, and the same container under the names by which HEIC goes: its parser is reached, though not its codec."""
    avif = _saved(scene(), "AVIF", quality=40)
    rich = _saved(scene(), "AVIF", quality=40, exif=_exif(), icc_profile=_profile(), xmp=_XMP)
    yield ".avif", avif
    yield ".avif", rich
    for brand in (b"heic", b"mif1"):
        renamed = rich[:8] + rich[8:64].replace(b"avif", brand).replace(b"miaf", brand) + rich[64:]
        yield ".heic", renamed
        yield ".heic", renamed.replace(b"av01", b"hvc1").replace(b"av1C", b"hvcC")
    yield ".heic", heic(item(2, b"mime", b"\0application/rdf+xml\0"), item(3, b"Exif"))


def _raws() -> Iterator[Seed]:
    sensor = np.random.default_rng(3).integers(500, 60000, (32, 48), dtype=np.uint16)
    with tempfile.TemporaryDirectory() as place:
        dng = write_dng(Path(place) / "a.dng", sensor, orientation=6).read_bytes()
    for suffix in (".dng", ".cr2", ".nef", ".arw", ".raf", ".orf", ".rw2"):
        yield suffix, dng
    yield ".cr2", _saved(scene(), "TIFF", exif=_exif())
    yield ".crw", b"II\x1a\0\0\0HEAPCCDR" + bytes(range(200))
    yield ".raf", b"FUJIFILMCCD-RAW 0201FF389501" + bytes(200)
    yield ".x3f", b"FOVb" + bytes(range(200))
    yield ".mrw", b"\0MRM" + bytes(range(200))
