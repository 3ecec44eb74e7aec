"""Keep: an archive that grows."""
