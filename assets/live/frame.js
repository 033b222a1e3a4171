// One binary frame: uint32 header length, JSON header, then arrays at multiples of four bytes.

const KINDS = { u1: Uint8Array, u4: Uint32Array, f4: Float32Array };

/** ArrayBuffer -> { header, arrays, bytes }; arrays maps a name to { data, shape }, views without a copy. */
export function decode(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const arrays = new Map();
  for (const { name, dtype, shape, offset } of header.arrays ?? []) {
    const Kind = KINDS[dtype];
    if (!Kind) continue; // a newer server may send more than this page can read
    const size = shape.reduce((product, extent) => product * extent, 1);
    arrays.set(name, { data: new Kind(buffer, 4 + length + offset, size), shape });
  }
  return { header, arrays, bytes: buffer.byteLength };
}

/** A short fingerprint of an array's bytes (FNV-1a), to see whether a chart has anything new to draw. */
export function fingerprint(array) {
  if (!array) return "-";
  const { data, shape } = array;
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  let hash = 0x811c9dc5;
  for (let i = 0; i < bytes.length; i += 1) hash = Math.imul(hash ^ bytes[i], 0x01000193);
  return `${shape.join("x")}:${hash >>> 0}`;
}
