import { existsSync, readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';

/** The defects that `npm run bite` puts in on purpose. */
const defects = z.array(
  z.object({
    name: z.string(),
    file: z.string(),
    find: z.string(),
    replace: z.string(),
    tests: z.array(z.string()).default([]),
  }),
);
const lists = ['scripts/defects.json', 'scripts/product-defects.json'].map((file) => ({
  file,
  all: defects.parse(JSON.parse(readFileSync(file, 'utf8'))),
}));

it.each(lists)('every defect of $file can still be put in, and names tests that are there', ({ all }) => {
  expect(all.length).toBeGreaterThan(10);
  const stale = all.filter(
    ({ file, find }) => !existsSync(file) || !readFileSync(file, 'utf8').includes(find),
  );
  expect(stale.map(({ name, file }) => `${file}: ${name}`)).toEqual([]);
  expect(all.flatMap(({ tests }) => tests).filter((test) => !existsSync(test))).toEqual([]);
});
