"""Interop: the outside world, in its own formats and by its own protocols."""
