"""Drivers: small synchronous classes, one per vendor library, called from lanes. A driver knows its wires only."""
