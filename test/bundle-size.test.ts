import { readdirSync, readFileSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { errorTable } from '../shared/platform/error-table.ts';

/**
 * Bytes do not depend on the machine. A function is loaded before its first event, so every byte of it is waited for:
 * a bundle may only grow when this table is changed with it, and the reason given. The goals are in docs/bench.md.
 */
const bundles: readonly (readonly [name: string, most: number])[] = [
  ['object-created', 119_500], // it looks at matters again before a hold is sent; zod and the large entry of pino would break it; at 131,072 reading it takes three times as long
  ['policy-timer', 221_500], // it keeps default retention in place too
  ['protect-existing', 275_300], // it renews what matters keep, by what their passes say, and decides again before each such write is sent
  ['dead-letter', 186_500], // the storage port has a last look before a write is sent
  ['huawei/object-created', 120_500],
  ['huawei/policy-timer', 266_500], // it reads open matters while it repairs, goes back to where it knew them, and fails where it did not
  ['huawei/protect-existing', 269_000], // the same
  ['huawei/dead-letter', 187_500],
];

test.each(bundles)('the bundle of %s has at most %i bytes', (name, most) => {
  expect(statSync(`dist/${name}/index.js`).size).toBeLessThanOrEqual(most);
});

test.each(bundles)(
  'the bundle of %s has the texts of the errors that its code names, and of no other',
  (name) => {
    const bundle = readFileSync(`dist/${name}/index.js`, 'utf8');
    const loaded = captures(bundle, /\bimport\("\.\/([\w-]+\.js)"\)/g);
    expect(loaded).toEqual(['rules-loader.js']); // it is handed what makes errors, so that the table is that of the bundle
    const code = [bundle, ...loaded.map((file) => readFileSync(`dist/${name}/${file}`, 'utf8'))].join('\n');
    const inTable = captures(bundle, /\b([A-Z][A-Z_]+):\{kind:"(?:permanent|transient)",message:/g);
    expect(inTable).toEqual(captures(code, /["'`]([A-Z_]+)["'`]/g).filter((quoted) => quoted in errorTable));
    expect(inTable).toContain('RULES_UNREADABLE');
    expect(inTable).not.toContain('PORT_UNUSABLE');
  },
);

/** Returns what the group of a pattern takes, each once, in order. */
const captures = (text: string, pattern: RegExp): readonly string[] =>
  [...new Set([...text.matchAll(pattern)].flatMap(([, found]) => found ?? []))].sort();

test('what bulk commands load to send many requests is the client of undici alone', () => {
  const [name = ''] = readdirSync('dist/cli').filter((file) => file.startsWith('undici-connections-'));
  expect(statSync(`dist/cli/${name}`).size).toBeLessThanOrEqual(330_000); // with fetch and WebSocket it has 800,000
});
