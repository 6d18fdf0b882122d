"""Spotzee: the contacts of a project, their subscriptions, and the keys that may change them."""
