import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Returns the path of a file that `build.js` makes, such as `local/instance.js`: beside the bundle that this file is part of
 * (dist/X/Y.js), or in dist when it runs from its source. Where there is none it names both places.
 */
export function builtFile(path: string): string {
  const candidates = [`../${path}`, `../dist/${path}`].map((each) =>
    fileURLToPath(new URL(each, import.meta.url)),
  );
  return candidates.find((each) => existsSync(each)) ?? candidates.join(' or ');
}
