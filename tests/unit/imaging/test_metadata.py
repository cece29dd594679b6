"""What a file says of itself, read without decoding the pixels."""

from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

import pytest
from PIL import Image, PngImagePlugin
from PIL.ExifTags import IFD, Base
from PIL.TiffImagePlugin import IFDRational

from maclip_desktop.core.photo import Capture, PhotoInfo
from maclip_desktop.errors import PhotoError
from maclip_desktop.imaging.metadata import read_info

NOON = 1795262400.0
"""2026-11-21 12:00:00 read as UTC."""


def jpeg(path: Path, main: dict[int, Any], sub: dict[int, Any]) -> Path:
    exif = Image.Exif()
    exif.update(main)
    exif.get_ifd(IFD.Exif).update(sub)
    Image.new("RGB", (40, 30)).save(path, exif=exif)
    return path


class TestReadInfo:
    def test_reads_both_directories(self, tmp_path: Path) -> None:
        path = jpeg(
            tmp_path / "a.jpg",
            {Base.Make: "Canon", Base.Model: "Canon EOS 6D", Base.Orientation: 6},
            {Base.DateTimeOriginal: "2026:11:21 12:00:00", Base.SubsecTimeOriginal: "25"},
        )
        assert read_info(path) == PhotoInfo(width=30, height=40, captured_at=NOON + 0.25, camera="Canon EOS 6D")

    def test_a_photo_without_exif(self, tmp_path: Path) -> None:
        Image.new("RGB", (40, 30)).save(tmp_path / "a.png")
        assert read_info(tmp_path / "a.png") == PhotoInfo(width=40, height=30)

    def test_decodes_no_pixels(self, photo: Path) -> None:
        """A photo whose header is whole says who it is, even if the rest was cut off."""
        photo.write_bytes(photo.read_bytes()[:700])
        assert (read_info(photo).width, read_info(photo).height) == (64, 48)

    def test_what_is_no_picture_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "a.jpg").write_text("no picture")
        with pytest.raises(PhotoError, match="no picture"):
            read_info(tmp_path / "a.jpg")


class TestCapture:
    """In files of every kind: the rules themselves are in test_clock, test_capture and test_xmp."""

    TAGS: ClassVar[dict[int, Any]] = {
        Base.DateTimeOriginal: "2026:11:21 12:00:00",
        Base.SubsecTimeOriginal: "25",
        Base.OffsetTimeOriginal: "+02:00",
        Base.LensMake: "SIGMA",
        Base.LensModel: "35mm F1.4 DG HSM",
        Base.ExposureTime: IFDRational(1, 250),
        Base.FNumber: IFDRational(28, 10),
        Base.ISOSpeedRatings: 400,
        Base.FocalLength: IFDRational(35, 1),
    }
    GPS: ClassVar[dict[int, Any]] = {1: "N", 2: (51.0, 30.0, 2.5), 3: "W", 4: (0.0, 7.0, 28.0)}
    CAPTURE = Capture(
        zone_minutes=120,
        lens="SIGMA 35mm F1.4 DG HSM",
        exposure_s=0.004,
        f_number=2.8,
        iso=400,
        focal_mm=35.0,
        has_gps=True,
        rating=3,
    )

    @pytest.mark.parametrize("suffix", ["jpg", "png", "webp", "avif", "tif"])
    def test_is_read(self, suffix: str, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif.update({Base.Make: "Canon", Base.Model: "Canon EOS 6D"})
        exif.get_ifd(IFD.Exif).update(self.TAGS)
        exif.get_ifd(IFD.GPSInfo).update(self.GPS)
        path = tmp_path / f"a.{suffix}"
        save(path, exif, packet(3))
        info = read_info(path)
        assert (info.captured_at, info.camera) == (NOON + 0.25, "Canon EOS 6D")
        assert info.capture == self.CAPTURE

    def test_of_a_png_is_found_behind_the_pixels_too(self, tmp_path: Path) -> None:
        save(tmp_path / "a.png", Image.Exif(), packet(3))
        content = (tmp_path / "a.png").read_bytes()
        start = content.index(b"iTXt") - 4
        end = start + 12 + int.from_bytes(content[start : start + 4], "big")
        last = content.index(b"IEND") - 4
        late = content[:start] + content[end:last] + content[start:end] + content[last:]
        (tmp_path / "b.png").write_bytes(late)
        assert read_info(tmp_path / "b.png").capture.rating == 3

    def test_a_broken_packet_costs_the_rating_only(self, tmp_path: Path) -> None:
        exif = Image.Exif()
        exif[Base.Model] = "X-T5"
        save(tmp_path / "a.jpg", exif, packet(3)[:-20])
        info = read_info(tmp_path / "a.jpg")
        assert (info.camera, info.capture) == ("X-T5", Capture())

    @pytest.mark.filterwarnings("error")
    def test_a_broken_directory_leaves_the_others(self, tmp_path: Path) -> None:
        path = jpeg(tmp_path / "a.jpg", {Base.Model: "X-T5"}, {Base.ISOSpeedRatings: 400})
        content = path.read_bytes()
        pointer = content.index(b"\x87\x69\x00\x04") + 8
        path.write_bytes(content[:pointer] + b"\x7f\xff\xff\xff" + content[pointer + 4 :])
        info = read_info(path)
        assert (info.camera, info.capture) == ("X-T5", Capture())


def packet(rating: int) -> bytes:
    """XMP that gives *rating* stars."""
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
        b'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="%d"/></rdf:RDF></x:xmpmeta><?xpacket end="w"?>' % rating
    )


def save(path: Path, exif: Image.Exif, xmp: bytes) -> None:
    options: dict[str, Any] = {"exif": exif, "xmp": xmp}
    if path.suffix == ".png":
        texts = PngImagePlugin.PngInfo()
        texts.add_itxt("XML:com.adobe.xmp", xmp.decode())
        options = {"exif": exif, "pnginfo": texts}
    elif path.suffix == ".tif":
        exif[700] = xmp
        for directory in (IFD.Exif, IFD.GPSInfo):
            exif[directory] = exif.get_ifd(directory)
        options = {"exif": exif}
    Image.new("RGB", (40, 30)).save(path, **options)


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "info"),
    [
        (
            "formats/CRW.CRW",
            PhotoInfo(2176, 1448, 1514811812.0, "Canon EOS D30", Capture(None, None, 4.967431, 5.6, 100, 31.0)),
        ),
        (
            "formats/IMG_1361.dng",
            PhotoInfo(
                *(3024, 4032, 1609251885.7, "Apple iPhone 12 Pro"),
                Capture(-300, "iPhone 12 Pro back triple camera 4.2mm f/1.6", 1 / 5556, 1.6, 32, 4.2, True),
            ),
        ),
        (
            "formats/canon_eos_6d.dng",
            PhotoInfo(
                *(1224, 816, 1559806191.0, "Canon EOS 6D"),
                Capture(None, "EF24-105mm f/4L IS USM", 1 / 60, 5.6, 1000, 65.0),
            ),
        ),
        (
            "formats/subsec_timezone.heic",
            PhotoInfo(
                *(3024, 4032, 1761661222.164, "Apple iPhone 15 Pro"),
                Capture(60, "iPhone 15 Pro back triple camera 2.22mm f/2.2", 1 / 20, 2.2, 1250, 2.22),
            ),
        ),
        ("formats/Irvine_CA.avif", PhotoInfo(480, 640, 1273575105.87, "Apple iPhone 3GS")),
        (
            "exif_gps/Issue 473 (Java).webp",
            PhotoInfo(
                *(240, 320, 1535372423.738, "Apple iPhone X"),
                Capture(None, "iPhone X back dual camera 4mm f/1.8", 1 / 33, 1.8, 32, 4.0, True),
            ),
        ),
        (
            "exif_gps/example.tif",
            PhotoInfo(
                *(100, 67, 1447996830.0, "Canon EOS 6D"),
                Capture(None, "EF24-105mm f/4L IS USM", 1 / 250, 8.0, 100, 24.0, True, 0),
            ),
        ),
        (
            "exif_gps/digikam.jpg",
            PhotoInfo(
                500, 375, 1602956904.950488, "HUAWEI ELE-L29", Capture(None, None, 0.02, 1.8, 100, 5.58, True, 4)
            ),
        ),
        (
            "exif_gps/r_olympus.jpg",
            PhotoInfo(80, 80, 1384264469.0, "OLYMPUS IMAGING CORP. STYLUS1", Capture(None, None, 0.04, 2.8, 100, 16.1)),
        ),
    ],
)
def test_files_of_real_cameras(name: str, info: PhotoInfo, shared: Path) -> None:
    found = read_info(shared / "photos" / name)
    assert (found.capture.exposure_s or 0) == pytest.approx(info.capture.exposure_s or 0, rel=1e-3)
    assert replace(found, capture=replace(found.capture, exposure_s=info.capture.exposure_s)) == info
