"""MaClip Desktop: find, show and mark the weak photos of a shoot, and leave with a list."""

__version__ = "0.1.0"
APP_NAME = "MaClip Desktop"
