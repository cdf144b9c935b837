"""Who is who at the broker: the hub's own authority, the certificates of nodes, and who is thrown out."""
