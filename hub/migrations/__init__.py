"""The database's revisions, brought up to date when the hub starts. `hub.journal.migrate` runs them."""
