"""What the product does on this machine, next to what the same server could do at most: `make bench`."""
