import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';

/** The folders of `shared`, each of which imports only from those before it (docs/architecture.md). */
const floors = [
  'platform',
  'terminal',
  'page',
  'storage',
  'function-compute',
  'rules',
  'ram',
  'events',
  'matters',
  'approvals',
  'objects',
  'buckets',
  'defaults',
  'audit',
  'backfill',
  'holds',
  'schedule',
  'rules-test',
  'deploy',
  'fan-out',
  'dead-letters',
  'report',
  'disposition',
  'export',
  'diff',
  'doctor',
  'init',
];

/** What each folder at the top may import from besides itself. The product never knows that the embedded cloud is there. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  functions: ['shared'],
  local: ['shared'],
  cli: ['shared', 'local'],
};

interface Import {
  readonly from: string;
  readonly to: string;
}

const importOf =
  /(?:import|export)(?: type)?(?=[\s{*])[^;'"]*?from '(?<to>\.[^']+)'|import\('(?<later>\.[^']+)'\)/g;

const sources = Object.keys(allowed).flatMap((top) =>
  readdirSync(top, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(top, name)),
);

const imports: readonly Import[] = sources.flatMap((from) =>
  [...readFileSync(from, 'utf8').matchAll(importOf)].map(({ groups }) => ({
    from,
    to: join(dirname(from), groups?.['to'] ?? groups?.['later'] ?? ''),
  })),
);

const arrows = (found: readonly Import[]) => found.map(({ from, to }) => `${from} -> ${to}`);
const partOf = (path: string, depth: number) => path.split('/')[depth] ?? '';

it('finds the imports at all', () => {
  expect(arrows(imports)).toContain('functions/object-created/handle.ts -> shared/objects/handle-batch.ts');
  expect(imports.length).toBeGreaterThan(1000);
});

it('imports across the top folders go only where they are allowed', () => {
  const forbidden = imports.filter(({ from, to }) => {
    const [mine, other] = [partOf(from, 0), partOf(to, 0)];
    return other in allowed && other !== mine && !allowed[mine]?.includes(other);
  });
  expect(arrows(forbidden)).toEqual([]);
});

it('no import in shared runs up, and every folder has its floor', () => {
  const inside = imports.filter(({ from, to }) => partOf(from, 0) === 'shared' && partOf(to, 0) === 'shared');
  const floor = (path: string) => floors.indexOf(partOf(path, 1));
  expect(arrows(inside.filter(({ from, to }) => floor(from) < floor(to) || floor(to) < 0))).toEqual([]);
});

it('no files import each other in a circle, not even types', () => {
  const next = new Map<string, string[]>();
  for (const { from, to } of imports) next.set(from, [...(next.get(from) ?? []), to]);
  const done = new Set<string>();
  const circles: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
      return;
    }
    if (done.has(file)) return;
    for (const to of next.get(file) ?? []) visit(to, [...path, file]);
    done.add(file);
  };
  for (const file of next.keys()) visit(file, []);
  expect(circles).toEqual([]);
});

it('no module is imported only for what it does when it loads: `sideEffects: false` would leave it out of a bundle', () => {
  const bare = sources.filter((name) => /^import '\./m.test(readFileSync(name, 'utf8')));
  expect(bare).toEqual([]);
});

it('zod is imported as a namespace: by the name `z`, the messages of every language would come into a bundle', () => {
  const named = sources.filter((name) =>
    /^import (?!type).*\bz\b.* from 'zod'/m.test(readFileSync(name, 'utf8')),
  );
  const whole = named.filter((name) => !readFileSync(name, 'utf8').includes("import * as z from 'zod'"));
  expect(whole).toEqual([]);
});
