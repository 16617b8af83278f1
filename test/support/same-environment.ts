import { isDeepStrictEqual } from 'node:util';
import { afterAll } from 'vitest';

/* Test files share a process. One that changes the environment for good would fail another one, later and elsewhere. */

const environment = process.env;
const before = { ...environment };

afterAll(() => {
  if (process.env !== environment)
    throw new Error('the tests of this file replaced process.env; use vi.stubEnv');
  const changed = [...new Set([...Object.keys(before), ...Object.keys(environment)])].filter(
    (name) => !isDeepStrictEqual(before[name], environment[name]),
  );
  if (changed.length > 0)
    throw new Error(`the tests of this file left the environment changed: ${changed.join(', ')}`);
});
