"""Malformed everything: what anybody may send, thought up by machines."""
