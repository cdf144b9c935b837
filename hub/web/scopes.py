"""What layers of the application tell each other about a request, by keys of its ASGI scope."""

IDENTITY = "guichet.identity"
"""Who asks; None for nobody we know."""
FRESH_COOKIE = "guichet.fresh-cookie"
"""A header that sets the browser's new cookie."""
OWN_PAGE = "guichet.own-page"
"""Of a change: whether the browser says that a page of ours asks; None if nothing says anything."""
STANDBY = "guichet.standby"
"""True at a hub that answers for itself while another owns the sites: it knows tokens, but sessions are the owner's."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
"""They change nothing."""
