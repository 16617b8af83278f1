import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The licences of all packages whose code stands in a bundle. Most licences ask that their text goes wherever the code goes,
 * so the text is made from what esbuild says it has bundled, not from a list that somebody keeps.
 *
 * @param metafile esbuild's, of a build that was run from the checkout's folder
 * @returns the text of a notices file; packages with the same licence text stand together
 * @throws Error when a package says nothing about its licence
 */
export function licencesOf(metafile) {
  const bundled = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const paths = bundled.flatMap(([path, { bytesInOutput }]) => (bytesInOutput > 0 ? [path] : []));
  const folders = new Set(paths.flatMap((path) => packageFolder(path) ?? []));
  const byText = new Map();
  for (const folder of [...folders].sort()) {
    const { title, text } = readLicence(folder);
    byText.set(text, [...(byText.get(text) ?? []), title]);
  }
  const parts = [...byText].map(([text, titles]) => `${[...new Set(titles)].join('\n')}\n\n${text}`);
  const head = 'Holdfast (Apache-2.0) contains code of these packages, each under its own licence.';
  return `${[head, ...parts].join(`\n\n${'='.repeat(80)}\n\n`)}\n`;
}

/** `node_modules/a/node_modules/@b/c/d.js` is in the folder `node_modules/a/node_modules/@b/c`; our own files are in none. */
function packageFolder(path) {
  return /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1];
}

function readLicence(folder) {
  const { name, version, license, author } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const title = `${name} ${version} (${typeof license === 'string' ? license : 'see its text'})`;
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)(\.|-|$)/i.test(file))
    .sort()
    .map((file) => readFileSync(join(folder, file), 'utf8').replaceAll('\r\n', '\n').trim());
  if (texts.length > 0) return { title, text: texts.join('\n\n') };
  if (typeof license !== 'string') throw new Error(`${folder} says nothing about its licence`);
  const by = typeof author === 'object' ? author?.name : author;
  return {
    title,
    text: `Licence ${license}; the package brings no text of it. Author: ${by ?? 'not named'}.`,
  };
}
