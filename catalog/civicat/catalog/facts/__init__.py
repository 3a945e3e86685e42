"""What the files of a release, and the record of hand-ins, say: plain functions that return frozen values."""
