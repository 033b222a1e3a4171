"""An experiment as one short PyTorch script that a person can read, run and keep.

    print(rnnlab.script.write(design, settings))

Writing it loads no torch; the script itself needs nothing but torch and numpy.
"""

from rnnlab.script.writing import write

__all__ = ["write"]
