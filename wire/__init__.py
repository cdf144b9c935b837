"""The contract between the hub and the nodes: topics, messages, codec and link.

This room knows MQTT and the words that travel on it. It knows nothing of lobbies, queues or hardware, and
imports nobody else's code.
"""
