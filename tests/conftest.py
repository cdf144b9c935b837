"""What holds for all tests."""

import signal

from hypothesis import settings

# How long one example takes says more about the machine than about us.
settings.register_profile("calm", deadline=None)
settings.load_profile("calm")

# Whoever ends the tests with SIGTERM has them tidy up as Ctrl-C does: brokers, browsers and hosts are stopped.
signal.signal(signal.SIGTERM, signal.default_int_handler)
