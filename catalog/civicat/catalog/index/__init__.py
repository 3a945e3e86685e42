"""The index: what is kept of each release, written beside the index that serves, and read by the pages."""
