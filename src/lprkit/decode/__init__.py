"""Scores -> texts."""

from lprkit.decode.read import read

__all__ = ["read"]
