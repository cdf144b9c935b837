"""Malformed everything: what anybody may send, thought up by machines.

What is asked of the API is thought up from its document, in `api`. Bytes are thought up by what of the code they reach:
`targets` says which code reads them, `exploring` looks for bytes that it cannot bear, `findings` makes those small.
"""
