"""What each command of the terminal does. `rnnlab.cli` says which there are and what they take."""
