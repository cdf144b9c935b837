"""How good is the estimate of the people in a room? Door counts of the past, replayed through the hub's own filter."""
