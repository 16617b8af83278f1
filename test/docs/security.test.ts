import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';

const policy = z.object({
  Statement: z.array(z.object({ Action: z.union([z.string(), z.array(z.string())]), Resource: z.unknown() })),
});

/** Those of the roles; `deployer.json` is for a person or a pipeline, who may remove a trigger. */
const permissions = readdirSync('ram')
  .filter((name) => name.endsWith('.json') && !name.startsWith('trust-') && name !== 'deployer.json')
  .map((name) => {
    const { Statement } = policy.parse(JSON.parse(readFileSync(join('ram', name), 'utf8')));
    return { name, statements: Statement };
  });

describe('what docs/security.md says of the roles', () => {
  it.each(permissions)('$name can delete nothing, shorten nothing and bypass nothing', ({ statements }) => {
    const actions = statements.flatMap(({ Action }) => Action);
    expect(actions.filter((action) => /delete|bypass|\*/i.test(action))).toEqual([]);
    expect(actions.filter((action) => /^oss:PutBucket|Lifecycle|Acl|Policy$/.test(action))).toEqual([]);
  });

  it.each(permissions)('$name begins and aborts policies on backup-* alone', ({ statements }) => {
    const some = statements.filter(({ Action }) =>
      [Action].flat().some((each) => /Initiate|Abort/.test(each)),
    );
    expect(some.map(({ Resource }) => Resource)).toEqual(some.map(() => ['acs:oss:*:ACCOUNT:backup-*']));
  });
});

const functions = readdirSync('functions', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

describe('what docs/security.md says of the bundles', () => {
  const sourceMap = z.object({ sources: z.array(z.string()) });

  it.each(functions)('%s has no code of the embedded cloud', (name) => {
    const map = JSON.parse(readFileSync(join('dist', name, 'index.js.map'), 'utf8'));
    const { sources } = sourceMap.parse(map);
    expect(sources.length).toBeGreaterThan(10);
    expect(
      sources.filter((source) => /(^|\/)(local|cli|test)\//.test(source.replace(/.*node_modules.*/, ''))),
    ).toEqual([]);
  });
});

describe('the licences of what is bundled', () => {
  const map = z.object({ sources: z.array(z.string()) });
  const packagesOf = (sources: readonly string[]) => [
    ...new Set(sources.flatMap((path) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(path)?.[1] ?? [])),
  ];

  it.each(functions)('travel with %s, for every package in it', (name) => {
    const { sources } = map.parse(JSON.parse(readFileSync(join('dist', name, 'index.js.map'), 'utf8')));
    const text = readFileSync(join('dist', name, 'LICENCES.txt'), 'utf8');
    expect(packagesOf(sources).filter((bundled) => !text.includes(`\n${bundled} `))).toEqual([]);
  });

  it('travel in the report page, outside of what its script reads', () => {
    const page = readFileSync('dist/report-page/page.html', 'utf8');
    const [, comment = ''] = /<!--([\s\S]*?)-->/.exec(page) ?? [];
    for (const name of ['d3-scale', '@observablehq/plot', '@tanstack/virtual-core']) {
      expect(comment).toContain(`\n${name} `);
    }
    expect(comment).toContain('Permission to use, copy, modify');
  });
});

describe('what docs/operations.md says of the log', () => {
  const page = readFileSync('docs/operations.md', 'utf8');
  const [, table = ''] = /Lines at level `error` by their `msg`:\n\n((?:\|.*\n)+)/.exec(page) ?? [];
  const messages = table
    .split('\n')
    .slice(2)
    .flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, text = '']) => text));
  const sources = ['functions', 'shared/rules', 'shared/buckets'].flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => readFileSync(join(folder, file), 'utf8')),
  );

  it.each(messages)('"%s" is a line of it', (message) => {
    expect(sources.some((source) => source.includes(`'${message}'`))).toBe(true);
  });
});
