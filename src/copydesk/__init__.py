"""Copydesk: many copies of a text in, one sourced text out."""

__version__ = "0.1.0"
