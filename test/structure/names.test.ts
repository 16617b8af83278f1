import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** Names that a platform or the command line asks for, in every file of its kind. */
const asked: readonly string[] = [
  'handler', // Function Compute and FunctionGraph call it: one in each entry of a function
  'initializer',
  'configure', // cli/commands.ts calls it: one in each command
];

const declared =
  /^export (?:declare )?(?:async )?(?:interface|type|function\*?|const|let|class|enum) (?<name>\w+)/gm;

/** The exported names of the product, each with the files that declare it. */
function exportedNames(sources: ReadonlyMap<string, string>): ReadonlyMap<string, ReadonlySet<string>> {
  const places = new Map<string, Set<string>>();
  for (const [file, source] of sources) {
    for (const { groups } of source.matchAll(declared)) {
      const name = groups?.['name'] ?? '';
      places.set(name, (places.get(name) ?? new Set()).add(file));
    }
  }
  return places;
}

const repeated = (sources: ReadonlyMap<string, string>): string[] =>
  [...exportedNames(sources)].flatMap(([name, files]) =>
    files.size > 1 && !asked.includes(name) ? [`${name}: ${[...files].join(', ')}`] : [],
  );

const product = new Map(
  ['shared', 'functions', 'cli'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'))
      .map((name) => [join(folder, name), readFileSync(join(folder, name), 'utf8')] as const),
  ),
);

it('one exported name of the product means one thing', () => {
  expect(exportedNames(product).size).toBeGreaterThan(1000);
  expect(repeated(product)).toEqual([]);
});

it('the check would see a name that two files export', () => {
  const two = new Map([
    ['a.ts', 'export interface Entry {}\n'],
    ['b.ts', 'export type Entry = string;\n'],
  ]);
  expect(repeated(two)).toEqual(['Entry: a.ts, b.ts']);
});

it('a delete marker is spelt in one way', () => {
  const other = /(['"])(?:deleteMarker|deletemarker|delete_marker|marker|DeleteMarkers)\1/;
  const found = [...product].flatMap(([file, source]) =>
    source.split('\n').flatMap((line, index) => (other.test(line) ? [`${file}:${index + 1}`] : [])),
  );
  expect(found).toEqual([]);
});
