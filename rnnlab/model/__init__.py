"""The networks: cells, their unrolling, the topologies, read-out and loss."""
