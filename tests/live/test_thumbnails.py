"""Images and sounds in frames: unpacked again, against what the tasks gave."""

import io
import re
import wave

import numpy as np
import pytest

from rnnlab import Design, Settings, begin, evaluation
from rnnlab.asking.sound import spoken_vowel
from rnnlab.config import default_settings
from rnnlab.live import lab_frame, picture, sound_route, sounds
from rnnlab.live.sound_route import sound
from rnnlab.live.thumbnails import packed, thumbnails
from rnnlab.live.view import View
from rnnlab.live.writing import written
from rnnlab.tasks import TASKS, voice
from rnnlab.tasks.spec import Audible, Pictured, Tuneful

PICTURED = [
    (name, topology)
    for name, spec in TASKS.items()
    for topology in spec.topologies
    if isinstance(spec.load(topology, Design(task=name, topology=topology).options), Pictured)
]


def unpacked(bytes_: np.ndarray, sizes: list[int]) -> np.ndarray:
    """Sixteen shades (N, H, W), two in each byte, as a reader of the format would take them apart."""
    text = bytes_.tobytes().hex()
    return np.array([int(digit, 16) for digit in text])[: int(np.prod(sizes))].reshape(sizes)


def test_every_task_with_images_is_known():
    assert {name for name, _ in PICTURED} == {"digits", "pixels", "caption", "vowels", "video"}


@pytest.mark.parametrize("pixels", [1, 2, 7, 256])
def test_shades_come_back(pixels):
    images = np.random.default_rng(0).integers(0, 256, (3, 1, pixels)).astype(np.uint8)
    shades = packed(images)
    assert shades.size == (3 * pixels + 1) // 2
    assert np.abs(unpacked(shades, [3, 1, pixels]) * 17 - images.astype(int)).max() <= 8


@pytest.mark.parametrize(("name", "topology"), PICTURED)
def test_a_picture_holds_what_the_network_reads(name, topology):
    task = TASKS[name].load(topology, Design(task=name, topology=topology).options)
    lengths = TASKS[name].topologies[topology]
    batch = task.held_out(np.random.default_rng(1), 4, lengths.default)
    sizes, arrays = thumbnails(task, batch, 1, 3, 1)
    inputs, rows = (unpacked(arrays[f"images:{kind}"], sizes[kind]) for kind in ("inputs", "rows"))
    assert len(inputs) == len(batch.inputs_TBI)
    assert inputs[0].size == task.input_size
    assert len(rows) == 3
    read_TI = batch.inputs_TBI[:, 1]
    shares = inputs.reshape(len(inputs), -1)
    if name == "pixels":
        read_TI = (read_TI + 1) / 2
    if name == "vowels":
        read_TI = (read_TI[:, ::-1] / 1.8).clip(0, 1)
    assert np.abs(shares / 15 - read_TI).max() < 0.04


def test_a_thumbnail_of_rows_or_pixels_is_the_whole_digit():
    whole, rows, pixels = (
        TASKS[name].load(topology, {})
        for name, topology in (("digits", "one-to-one"), ("digits", "many-to-one"), ("pixels", "many-to-one"))
    )
    drawn = [
        task.held_out(np.random.default_rng(5), 6, n) for task, n in ((whole, 1), (rows, 8), (pixels, 64))
    ]
    for index in range(6):
        shown = [
            task.thumbnail(batch, index) for task, batch in zip((whole, rows, pixels), drawn, strict=True)
        ]
        np.testing.assert_allclose(shown[0], shown[1])
        np.testing.assert_allclose(shown[0], shown[2], atol=1)


def test_tasks_without_images_send_none():
    task = TASKS["adding"].load("many-to-one", {})
    assert thumbnails(task, task.held_out(np.random.default_rng(0), 2, 5), 0, 2, 1) == ({}, {})


def test_a_frame_of_the_longest_video_has_its_images_and_stays_small():
    design = Design(task="video", hidden_size=4)
    found = picture.draw(begin(design), Settings(length=video_length()))
    view = lab_frame.shown_view(found, View())
    arrays = lab_frame.picture_arrays(found, view, [])
    assert found.meta["images"] == {"inputs": [video_length(), 16, 16], "rows": [8, 16, 16]}
    assert sum(arrays[f"images:{kind}"].nbytes for kind in ("inputs", "rows")) <= 4200


def video_length() -> int:
    return TASKS["video"].topologies["many-to-many"].high


def test_melodies_are_sent_as_keys():
    """The label of each note, by ABC notation: C is 60, c an octave above, a semitone between E and F."""
    keys = dict(zip("CDEFGABcdefgab", (60, 62, 64, 65, 67, 69, 71, 72, 74, 76, 77, 79, 81, 83), strict=True))
    state = begin(Design(task="melody", hidden_size=4))
    settings = Settings(length=16)
    rows = picture.draw(state, settings).meta["predictions"]["rows"]
    for row in rows:
        for column in ("target", "prediction"):
            heard = row["sounds"][column]
            assert heard["keys"] == [keys[note] for note in row[column].replace(" ", "")]
            assert heard["seconds"] == 0.25
    said = written(state, settings)
    for line, heard in zip(said["generated"], said["generated_sounds"], strict=True):
        assert [keys[note] for note in line.split(": ")[1]] == heard["keys"]


def test_every_tuneful_or_audible_task_is_known():
    loaded = {
        name: spec.load(next(iter(spec.topologies)), Design(task=name).options)
        for name, spec in TASKS.items()
    }
    assert {name for name, task in loaded.items() if isinstance(task, Tuneful)} == {"melody"}
    assert {name for name, task in loaded.items() if isinstance(task, Audible)} == {"vowels"}


def test_the_sounds_are_those_of_the_picture():
    """The spectrogram of what is heard is what the network reads."""
    assert (sounds.HELD_OUT, sounds.PROBES) == (evaluation.HELD_OUT, picture.PROBES)
    design = Design(task="vowels")
    batch = evaluation.held_out_batch(design, default_settings(design), picture.PROBES)
    rate, sounds_BN = sounds.held_out_sounds("vowels", 24)
    assert rate == voice.RATE
    np.testing.assert_allclose(voice.spectrogram(sounds_BN), batch.inputs_TBI, atol=1e-4)


class Asked:
    """As much of a request as the route looks at."""

    def __init__(self, **query_params: str) -> None:
        self.query_params = query_params


def test_the_route_gives_a_gentle_file():
    answer = sound(Asked(task="vowels", length="24", index="3"))
    assert answer.media_type == "audio/wav"
    with wave.open(io.BytesIO(answer.body)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, 8000)
        heard = np.frombuffer(file.readframes(10**6), "<i2") / 32767
    expected = sounds.held_out_sounds("vowels", 24)[1][3]
    np.testing.assert_allclose(heard, np.clip(expected * sounds.LOUDNESS, -1, 1), atol=1e-4)
    assert len(answer.body) < 10_000
    assert 0.02 < np.sqrt((heard**2).mean()) < 0.12


def test_a_question_can_be_heard():
    answer = sound(Asked(task="vowels", length="24", asked="heed, spoken by a woman"))
    assert answer.body == sounds.wav(spoken_vowel("heed, spoken by a woman", 24), 8000)


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"task": "vowels", "length": "24", "index": "32"},
        {"task": "vowels", "length": "24", "index": "-1"},
        {"task": "vowels", "length": "3", "index": "0"},
        {"task": "vowels", "length": "99999999999", "index": "0"},
        {"task": "vowels", "length": "x", "index": "0"},
        {"task": "adding", "length": "24", "index": "0"},
        {"task": "adding", "length": "24", "asked": "heed"},
        {"task": "vowels", "length": "24", "asked": "heeed"},
        {"task": "../secret", "length": "24", "index": "0"},
    ],
)
def test_what_cannot_be_heard_is_refused(wrong):
    answer = sound(Asked(**wrong))
    assert answer.status_code == 404
    assert answer.media_type == "text/plain"
    assert re.fullmatch(r"[^\n]*\.", answer.body.decode())
    assert "int()" not in answer.body.decode()


@pytest.mark.parametrize("more", [{"index": "0"}, {"asked": "heed"}])
def test_nobody_makes_the_server_load_what_cannot_be_heard(more, monkeypatch):
    monkeypatch.setattr(sound_route, "held_out_sounds", lambda *_: pytest.fail("It was loaded."))
    assert sound(Asked(task="dates", length="20", **more)).status_code == 404
