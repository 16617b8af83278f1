import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

// `npm run bite` puts these defects in one by one; it takes too long for every run of the tests.
const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const defects = z
  .array(z.strictObject({ name: z.string(), file: z.string(), find: z.string(), replace: z.string() }))
  .parse(JSON.parse(read('scripts/defects.json')));

test.each(defects.map((defect) => [defect.name, defect] as const))(
  'the place for "%s" is still in the source, once',
  (_name, { file, find }) => {
    expect(read(file).split(find)).toHaveLength(2);
  },
);
