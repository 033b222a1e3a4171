"""Live runs: a registry of runs and their viewers, trained slice by slice in worker processes."""
