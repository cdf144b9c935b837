"""Home Assistant: the lobby's figures as devices that it finds by itself."""
