"""Where the commits of worlds are kept beyond one process: bytes under names, behind one narrow interface."""
