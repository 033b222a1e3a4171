// One value, one colour: signed values around a quiet zero, others from pale to deep; and ink that can be read on it.

const LEVELS = 255;
const EMPTY = [128, 128, 128];

const channels = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

function ramp(stops) {
  const rgb = stops.map(channels);
  return Array.from({ length: LEVELS }, (_, level) => {
    const place = (level / (LEVELS - 1)) * (stops.length - 1);
    const i = Math.min(Math.floor(place), stops.length - 2);
    return rgb[i].map((c, k) => Math.round(c + (rgb[i + 1][k] - c) * (place - i)));
  });
}

function luminance(rgb) {
  const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

/** Black or white, whichever is further away: at least 4.5:1 on every colour. */
const inkOn = (rgb) => ((luminance(rgb) + 0.05) ** 2 > 0.0525 ? "#000000" : "#ffffff");

/** The colours of a theme: `rgb` for a canvas, `look` for a style. */
export function makeColours(theme) {
  const maps = { true: ramp(theme.diverging), false: ramp(theme.sequential) };

  function rgb(value, reach, signed) {
    if (!Number.isFinite(value)) return EMPTY;
    const share = Math.max(signed ? -1 : 0, Math.min(1, value / (reach || 1)));
    return maps[signed][Math.round((signed ? (share + 1) / 2 : share) * (LEVELS - 1))];
  }

  function look(value, reach, signed) {
    const colour = rgb(value, reach, signed);
    return `background:rgb(${colour.join()});color:${inkOn(colour)}`;
  }

  const scale = (signed) => `linear-gradient(90deg, ${(signed ? theme.diverging : theme.sequential).join()})`;
  return { rgb, look, scale };
}
