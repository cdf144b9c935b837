"""The lobby at a glance: one page on which every device of a demo is alive. It looks at a `Scene` and knows no hub."""
