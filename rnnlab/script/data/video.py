"""A digit that moves over a canvas, in a script: the training images are in it."""

from rnnlab.config import Design
from rnnlab.script.data.data import Data
from rnnlab.script.data.digits import packed_images
from rnnlab.script.source import UNPACK

FILMS = '''
def paths(phase, speed):
    """Places from 0 to 8 on a triangle wave, columns and rows."""
    wave = (phase + speed * np.arange(length)[:, None, None]) % 16
    return 8 - abs(8 - wave)


def films(pixels, path):
    """Frames of 16 x 16 pixels, one digit moving in each film."""
    frames = np.zeros((length, batch_size, 16, 16), np.float32)
    for t in range(length):
        for b, (column, row) in enumerate(path[t]):
            frames[t, b, row : row + 8, column : column + 8] = pixels[b].reshape(8, 8) / np.float32(16)
    return frames
'''

DIRECTION = '''
moves = np.array([(1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1)])


def draw(rng):
    """Films of a digit, and its move since the frame before (1 to 8); 0 at first."""
    pixels = images[rng.integers(0, len(images), batch_size), :64]
    speed = moves[rng.integers(0, 8, batch_size)]
    path = paths(rng.integers(0, np.where(speed == 0, 9, 16)), speed)
    targets = np.zeros((length, batch_size), np.int64)
    steps = np.diff(path, axis=0)[:, :, None]
    targets[1:] = 1 + (steps == moves).all(axis=3).argmax(axis=2)
    return torch.tensor(films(pixels, path).reshape(length, batch_size, 256)), torch.tensor(targets)
'''

DIGIT = '''
def draw(rng):
    """Films of a digit behind a wall, and at each frame which digit it is."""
    chosen = images[rng.integers(0, len(images), batch_size)]
    speed = np.stack([np.ones(batch_size, np.int64), rng.integers(-1, 2, batch_size)], axis=1)
    phase = rng.integers(0, np.where(speed == 0, 9, 16))
    phase[:, 0] = rng.integers(-2, 3, batch_size)
    frames = films(chosen[:, :64], paths(phase, speed))
    frames[..., 8:] = 0.4  # the wall
    targets = np.tile(chosen[:, 64], (length, 1))
    return torch.tensor(frames.reshape(length, batch_size, 256)), torch.tensor(targets).long()
'''

QUESTIONS = {"direction": DIRECTION, "digit": DIGIT}


def source(design: Design, length: int) -> Data:
    """Films of the images that the app trains on."""
    return Data(f"{UNPACK}\n{FILMS}\n{QUESTIONS[design.options['question']]}", packed=packed_images())
