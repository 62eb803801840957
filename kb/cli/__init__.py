"""The command ``kb``: every command parses its input, makes one call and prints."""

from __future__ import annotations

from kb.cli.app import main

__all__ = ["main"]
