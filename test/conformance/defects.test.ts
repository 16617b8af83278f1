import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

// `npm run bite` puts these defects in one by one; it takes too long for every run of the tests.
const root = new URL('../../', import.meta.url);
const read = (path: string) => readFileSync(new URL(path, root), 'utf8');
const defect = z.strictObject({
  name: z.string(),
  file: z.string(),
  find: z.string(),
  replace: z.string(),
  tests: z.array(z.string()).nonempty().optional(),
  built: z.literal(true).optional(),
  only: z.string().optional(),
});
const defects = ['defects.json', 'product-defects.json'].flatMap((file) =>
  z.array(defect).parse(JSON.parse(read(`scripts/${file}`))),
);

test.each(defects.map((defect) => [defect.name, defect] as const))(
  'the place for "%s" is still in the source, once',
  (_name, { file, find }) => {
    expect(read(file).split(find)).toHaveLength(2);
  },
);

test('every test file that is to notice a defect is there', () => {
  for (const path of defects.flatMap(({ tests = [] }) => tests))
    expect(existsSync(new URL(path, root)), path).toBe(true);
});
