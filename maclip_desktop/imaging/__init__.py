"""Turning files into pixels: decoding, upright, colour, thumbnails, EXIF, RAW and HEIC."""
