"""Stores of worlds: keep their commits beyond one process, as bytes under names, behind one interface."""
