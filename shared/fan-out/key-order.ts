/** Lists are in the order of the keys' UTF-8 bytes (OSS, ListObjectVersions), which is not that of UTF-16. */
export function compareKeys(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/**
 * Returns the key that a page of a list ends with. Keys go on from page to page; within one, versions and delete
 * markers may stand apart from each other.
 */
export function lastKey(page: readonly { readonly key: string }[]): string | undefined {
  return page.reduce<string | undefined>(
    (last, { key }) => (last === undefined || compareKeys(key, last) > 0 ? key : last),
    undefined,
  );
}
