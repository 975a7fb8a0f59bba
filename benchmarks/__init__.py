"""What the product does per second on this machine, next to what the same server could do at most."""
