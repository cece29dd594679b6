"""Plain data and rules of culling: no Qt, no torch, no SQLite, no file access."""
