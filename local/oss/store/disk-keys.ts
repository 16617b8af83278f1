/** Longer than any key, and short enough for LMDB. */
const MAX_TEXT_BYTES = 1500;

/**
 * Keys on disk: names and numbers joined by zero bytes, so that they sort as OSS lists. Text that is longer than a
 * key can be is cut, which keeps its place between the keys. LMDB takes no empty key: an empty name, which nothing has,
 * becomes a zero byte.
 */
export function diskKey(...parts: readonly string[]): Buffer {
  const key = Buffer.from(parts.join('\0') || '\0');
  return key.length <= MAX_TEXT_BYTES ? key : key.subarray(0, MAX_TEXT_BYTES);
}

/** Tells what begins with the parts: from the key, up to the other. */
export function diskRange(...parts: readonly string[]): { readonly start: Buffer; readonly end: Buffer } {
  const text = parts.join('\0');
  return { start: diskKey(text, ''), end: diskKey(`${text}\u0001`) };
}

/** Returns a part number that sorts as text does. */
export function partKey(number: number): string {
  return String(number).padStart(5, '0');
}
