"""Fresh symbols in a script: the sequences that the app does not train on are drawn and thrown away."""

from rnnlab.tasks.fresh import EIGHTHS, SEED, SYMBOLS

FRESH = f'''
factors = np.random.default_rng({SEED}).integers(0, 2**64, (length, 1), np.uint64)


def symbols(rng):
    """Random symbols, without the sequences that the app does not train on, two in eight."""
    kept = np.empty((length, 0), np.int64)
    while kept.shape[1] < batch_size:
        drawn = rng.integers(0, {len(SYMBOLS)}, (length, 2 * batch_size))
        sums = (factors * (drawn + 1).astype(np.uint64)).sum(axis=0)  # modulo 2^64
        kept = np.concatenate([kept, drawn[:, sums >> np.uint64(61) >= {min(EIGHTHS["train"])}]], axis=1)
    return kept[:, :batch_size]
'''
