"""The hub: one process that holds the service day of every site, and its journal, pages and outbox."""
