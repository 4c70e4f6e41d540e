"""Compare places with one another: funnels, peers, ranks, maps."""
