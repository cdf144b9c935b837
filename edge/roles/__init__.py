"""The roles of a node: what each kind of device means, whatever its driver."""
