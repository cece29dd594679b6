"""Leaving the program with a result: culling lists and how they are written."""
