"""Copies of a story -> loci."""
