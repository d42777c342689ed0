"""Reads licence plates, and makes the networks that read them."""

__version__ = "0.1.0"
