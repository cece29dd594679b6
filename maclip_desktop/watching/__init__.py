"""Folders: walk them, wait for files to settle, watch for changes; the only room that knows watchdog."""
