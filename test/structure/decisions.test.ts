import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const filesOf = (...folders: readonly string[]): string[] =>
  folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );

/** The places of a pattern in files, as `file: text`. */
const found = (files: readonly string[], pattern: RegExp): string[] =>
  files.flatMap((file) =>
    [...readFileSync(file, 'utf8').matchAll(pattern)].map(([text]) => `${file}: ${text}`),
  );

describe('a decision', () => {
  it('is never made by the words of a reason, which may be written anew', () => {
    const byWords = /\breason\??\.(startsWith|endsWith|includes|match|search)\(|\breason [!=]== '[^']/g;
    expect(found(filesOf('shared', 'functions', 'cli'), byWords)).toEqual([]);
    expect("decision.reason.startsWith('a delete marker')").toMatch(new RegExp(byWords.source));
  });

  it('takes no two dates side by side, which could be swapped unseen', () => {
    const twoDates = /\w+\??: Date,\s+\w+\??: Date/g;
    expect(found(filesOf('shared/objects', 'shared/buckets'), twoDates)).toEqual([]);
    expect('base: Date, cap: Date, now: Date').toMatch(new RegExp(twoDates.source));
  });

  it('returns what it refuses, and throws nothing', () => {
    const pure = ['objects/decide', 'objects/extend', 'objects/retain', 'buckets/decide', 'buckets/extend'];
    const files = [
      ...pure,
      'approvals/decide',
      'approvals/needed',
      'buckets/approval',
      'buckets/manual-policy',
      'rules/cap',
    ].map((name) => `shared/${name}.ts`);
    expect(found(files, /^.*\bthrow .*$/gm)).toEqual([]);
  });
});
