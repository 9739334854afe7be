"""Orders in, sums out."""
