"""The gallery of `docs/devices.md`: every device's pictures, drawn by the drivers that a lobby has."""
