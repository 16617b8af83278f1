/**
 * Returns the keys that an event may mean. The first is the key as it stands, which decides wherever it leads to a
 * version. The service documents keys in events as raw text, but gateways, EventBridge rules and hand-made events
 * encode them. A key with `%XX` or `+` may therefore be percent-encoded, have `+` for a space, or both.
 */
export function keyReadings(key: string): readonly [string, ...string[]] {
  if (!/%[0-9a-f]{2}|\+/i.test(key)) return [key];
  const spaced = key.replaceAll('+', ' ');
  const decoded = [percentDecoded(spaced), percentDecoded(key), spaced].filter(
    (reading) => reading !== undefined && reading !== '',
  );
  return [key, ...new Set(decoded.filter((reading): reading is string => reading !== key))];
}

/** Undefined when the text cannot have been encoded: an encoder leaves no other `%`, and no bytes that are not UTF-8. */
function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
