// A QR code (ISO/IEC 18004) of a link: byte mode, correction level M, up to 180 bytes.

/** For each version from 1: bytes of data, bytes of correction in a block, blocks, and where alignment patterns have their centres. */
const VERSIONS: readonly [data: number, correction: number, blocks: number, centres: readonly number[]][] = [
  [16, 10, 1, []],
  [28, 16, 1, [6, 18]],
  [44, 26, 1, [6, 22]],
  [64, 18, 2, [6, 26]],
  [86, 24, 2, [6, 30]],
  [108, 16, 4, [6, 34]],
  [124, 18, 4, [6, 22, 38]],
  [154, 22, 4, [6, 24, 42]],
  [182, 22, 5, [6, 26, 46]],
];
const MASKS: readonly ((row: number, column: number) => boolean)[] = [
  (r, c) => (r + c) % 2 === 0,
  (r) => r % 2 === 0,
  (_, c) => c % 3 === 0,
  (r, c) => (r + c) % 3 === 0,
  (r, c) => ((r >> 1) + Math.floor(c / 3)) % 2 === 0,
  (r, c) => ((r * c) % 2) + ((r * c) % 3) === 0,
  (r, c) => (((r * c) % 2) + ((r * c) % 3)) % 2 === 0,
  (r, c) => (((r + c) % 2) + ((r * c) % 3)) % 2 === 0,
];

/** Rows of modules, true where dark; null if the text is too long. Of the eight masks the one that reads best is taken. */
export function qr(text: string): boolean[][] | null {
  const bytes = new TextEncoder().encode(text);
  const version = 1 + VERSIONS.findIndex(([data]) => bytes.length + 2 <= data); // mode and length take 12 bits
  if (version === 0) return null;
  const bits = codewords(bytes, version).flatMap((byte) => bitsOf(byte, 8));
  const drawn = MASKS.map((_, mask) => draw(version, bits, mask));
  const cost = drawn.map(penalty);
  return drawn[cost.indexOf(Math.min(...cost))]!;
}

const bitsOf = (value: number, count: number): boolean[] =>
  Array.from({ length: count }, (_, i) => ((value >> (count - 1 - i)) & 1) === 1);

// --- arithmetic in GF(256) ------------------------------------------------------------------------
const POWERS: number[] = [];
for (let i = 0, x = 1; i < 255; i++, x = (x << 1) ^ (x & 0x80 ? 0x11d : 0)) POWERS.push(x);
const times = (a: number, b: number): number => (a && b ? POWERS[(POWERS.indexOf(a) + POWERS.indexOf(b)) % 255]! : 0);

/** The remainder of the data, as a polynomial, by the generator of this degree. */
export function correction(data: readonly number[], degree: number): number[] {
  let generator = [1];
  for (let i = 0; i < degree; i++) generator = [...generator, 0].map((g, k) => g ^ times(generator[k - 1] ?? 0, POWERS[i]!));
  const rest = [...data, ...Array.from({ length: degree }, () => 0)];
  for (let i = 0; i < data.length; i++) {
    const lead = rest[i]!;
    for (const [k, g] of generator.entries()) rest[i + k]! ^= times(g, lead);
  }
  return rest.slice(data.length);
}

/** The bytes in the order in which they are drawn: the blocks' data in turns, then their correction. */
function codewords(bytes: Uint8Array, version: number): number[] {
  const [size, degree, count] = VERSIONS[version - 1]!;
  const bits = [
    ...bitsOf(0b0100, 4),
    ...bitsOf(bytes.length, 8),
    ...[...bytes].flatMap((b) => bitsOf(b, 8)),
    false,
    false,
    false,
    false,
  ];
  const data = Array.from({ length: size }, (_, i) => {
    if (8 * i >= bits.length) return (i - bits.length / 8) % 2 === 0 ? 0xec : 0x11;
    return bits.slice(8 * i, 8 * i + 8).reduce((byte, bit) => 2 * byte + Number(bit), 0);
  });
  const short = Math.floor(size / count);
  const longer = count - (size % count); // the blocks from here on have a byte more
  const starts = Array.from({ length: count + 1 }, (_, b) => b * short + Math.max(0, b - longer));
  const blocks = Array.from({ length: count }, (_, b) => data.slice(starts[b], starts[b + 1]));
  const turns = (rows: number[][]): number[] =>
    Array.from({ length: Math.max(...rows.map((r) => r.length)) }, (_, i) => rows.map((r) => r[i]))
      .flat()
      .filter((x) => x !== undefined);
  return [...turns(blocks), ...turns(blocks.map((b) => correction(b, degree)))];
}

/** A value followed by its remainder in binary division, as format and version are protected. */
function guarded(value: number, degree: number, generator: number): number {
  let rest = value << degree;
  for (let bit = 31 - Math.clz32(rest); rest && bit >= degree; bit = 31 - Math.clz32(rest)) rest ^= generator << (bit - degree);
  return (value << degree) | rest;
}

function draw(version: number, bits: readonly boolean[], mask: number): boolean[][] {
  const size = 17 + 4 * version;
  const grid = Array.from({ length: size }, () => Array.from({ length: size }, (): boolean | null => null));
  const set = (row: number, column: number, dark: boolean) => {
    if (grid[row]?.[column] !== undefined) grid[row][column] = dark;
  };
  const square = (row: number, column: number, radius: number, dark: (distance: number) => boolean) => {
    for (let r = -radius; r <= radius; r++)
      for (let c = -radius; c <= radius; c++) set(row + r, column + c, dark(Math.max(Math.abs(r), Math.abs(c))));
  };
  for (let i = 0; i < size; i++) {
    set(6, i, i % 2 === 0);
    set(i, 6, i % 2 === 0);
  }
  const centres = VERSIONS[version - 1]![3];
  const last = centres.length - 1;
  for (const [i, row] of centres.entries()) {
    for (const [k, column] of centres.entries()) {
      const corner = (i === 0 && (k === 0 || k === last)) || (i === last && k === 0);
      if (!corner) square(row, column, 2, (d) => d !== 1);
    }
  }
  for (const [row, column] of [
    [3, 3],
    [3, size - 4],
    [size - 4, 3],
  ] as const)
    square(row, column, 4, (d) => d !== 2 && d !== 4);

  const format = guarded(mask, 10, 0x537) ^ 0x5412; // level M is 00
  for (let i = 0; i < 15; i++) {
    const dark = ((format >> i) & 1) === 1;
    set(i < 6 ? i : i < 8 ? i + 1 : size - 15 + i, 8, dark);
    set(8, i < 8 ? size - 1 - i : i === 8 ? 7 : 14 - i, dark);
  }
  set(size - 8, 8, true);
  if (version >= 7) {
    const number = guarded(version, 12, 0x1f25);
    for (let i = 0; i < 18; i++) {
      const dark = ((number >> i) & 1) === 1;
      set(Math.floor(i / 3), size - 11 + (i % 3), dark);
      set(size - 11 + (i % 3), Math.floor(i / 3), dark);
    }
  }

  let next = 0;
  for (let right = size - 1, up = true; right > 0; right -= 2, up = !up) {
    if (right === 6) right--; // the column of the timing pattern
    for (let i = 0; i < size; i++) {
      const row = up ? size - 1 - i : i;
      for (const column of [right, right - 1])
        if (grid[row]![column] === null) grid[row]![column] = (bits[next++] ?? false) !== MASKS[mask]!(row, column);
    }
  }
  return grid as boolean[][];
}

/** How hard a drawing is to read, by the standard's four rules. */
function penalty(grid: readonly (readonly boolean[])[]): number {
  const size = grid.length;
  const columns = grid.map((_, c) => grid.map((row) => row[c]!));
  let sum = 0;
  for (const line of [...grid, ...columns]) {
    const text = line.map(Number).join("");
    for (const run of text.match(/0{5,}|1{5,}/g) ?? []) sum += run.length - 2;
    for (let i = 0; i + 7 <= size; i++) {
      if (text.slice(i, i + 7) !== "1011101") continue;
      // Beyond the edge it is light, as the margin is.
      if (/^0*$/.test(text.slice(Math.max(0, i - 4), i)) || /^0*$/.test(text.slice(i + 7, i + 11))) sum += 40;
    }
  }
  for (let r = 0; r + 1 < size; r++)
    for (let c = 0; c + 1 < size; c++)
      if (grid[r]![c] === grid[r]![c + 1] && grid[r]![c] === grid[r + 1]![c] && grid[r]![c] === grid[r + 1]![c + 1]) sum += 3;
  const dark = grid.flat().filter(Boolean).length / size ** 2;
  return sum + 10 * Math.floor(Math.abs(dark - 0.5) * 20);
}
