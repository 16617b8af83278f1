import { describe, expect, test } from 'vitest';
import type { AuditDeps } from '../../../shared/audit/keep-file.ts';
import { parseName } from '../../../shared/audit/name.ts';
import { parseFile } from '../../../shared/audit/parse-file.ts';
import { fileTrail, maxRecords, openTrail } from '../../../shared/audit/trail.ts';
import { createAuditWriter } from '../../../shared/audit/writer.ts';
import { type ErrorCode, failure } from '../../../shared/platform/errors.ts';
import { hashRules } from '../../../shared/rules/hash-rules.ts';
import {
  type Retention,
  type VersionAt,
  versionId,
  type WrittenObject,
} from '../../../shared/storage/port.ts';
import { manualClock } from '../../support/manual-clock.ts';
import { validRules } from '../../support/rules-file.ts';

// One file of evidence: the chain that it belongs to, and the retention that it is put under.

const start = '2026-11-22T10:00:00Z';
const place = { bucket: 'evidence', prefix: 'audit/' };
const target = 'oss://evidence/audit/x';

interface Stored {
  readonly key: string;
  readonly text: string;
}

/** A store in memory. What it replies to a write is told; so is what goes wrong with the retention. */
function world(reply: (write: number) => Partial<WrittenObject> | Error = () => ({})) {
  const files: Stored[] = [];
  const retained: { readonly at: VersionAt; readonly retention: Retention }[] = [];
  const clock = manualClock(start);
  let refusal: Error | undefined;
  const storage: AuditDeps['storage'] = {
    cloud: 'oss',
    writeText({ bucket, key }, text) {
      const answer = reply(files.length);
      files.push({ key: `${bucket}/${key}`, text });
      if (answer instanceof Error) return Promise.reject(answer);
      const id = versionId(`v${files.length}`);
      return Promise.resolve({ sent: true, requestId: 'R1', versionId: id, ...answer });
    },
    putRetention(at, retention) {
      if (refusal !== undefined) return Promise.reject(refusal);
      retained.push({ at, retention });
      return Promise.resolve({ sent: true, requestId: 'R2' });
    },
    getRetention: () => Promise.resolve(undefined),
  };
  const rules = validRules(`version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
objects: [{ name: evidence, match: { bucket: evidence, key: "audit/**" }, retain: 1y }]
`);
  return {
    files,
    retained,
    clock,
    deps: { storage, rules, clock },
    refuseRetention(error: Error) {
      refusal = error;
    },
  };
}

const failed = (code: Extract<ErrorCode, 'THROTTLED' | 'IMMUTABLE' | 'ACCESS_DENIED'>) => {
  const details = { operation: 'PutObject', target };
  if (code === 'ACCESS_DENIED') return failure(code, { ...details, action: 'oss:PutObject' });
  return code === 'THROTTLED'
    ? failure(code, { ...details, code: 'QpsLimitExceeded' })
    : failure(code, details);
};

const headOf = ({ text }: Stored): unknown => JSON.parse(text.split('\n')[0] ?? '');

describe('the chain', () => {
  test('a file names the one before it, the request, and its writer', async () => {
    const { deps, files } = world();
    const writer = createAuditWriter('object-created');
    const first = await writer.write(deps, place, [{ action: 'protect' }], 'request 1');
    const second = await writer.write(deps, place, [], undefined);

    expect(first).toMatchObject({ bucket: 'evidence', sent: true, errors: [], name: { sequence: 1 } });
    expect(second.name).toMatchObject({ sequence: 2, writer: first.name.writer });
    expect(files.map(({ key }) => key)).toEqual([`evidence/${first.key}`, `evidence/${second.key}`]);
    expect(parseName(first.key.slice('audit/'.length))).toEqual(first.name);
    const [head, nextHead] = files.map(headOf);
    expect(head).toMatchObject({ by: 'object-created', requestId: 'request 1', records: 1 });
    expect(head).not.toHaveProperty('previous');
    expect(head).not.toHaveProperty('rulesText');
    expect(nextHead).toHaveProperty('rules', hashRules(deps.rules));
    expect(nextHead).toMatchObject({ previous: first.key.slice('audit/'.length), records: 0 });
  });

  test('the text of the rules is in the first file of a trail that is to tell them', async () => {
    const { deps, files } = world();
    const told = { ...deps, rules: { ...deps.rules, text: 'version: 1' } };
    const trail = openTrail(told);
    for (let count = 0; count <= maxRecords; count += 1) trail.add({ action: 'protect' });
    trail.tellRules();
    await fileTrail(createAuditWriter('policy-timer'), told, trail);
    const [first, second] = files.map(headOf);
    expect(first).toMatchObject({ rules: hashRules(told.rules), rulesText: 'version: 1' });
    expect(second).not.toHaveProperty('rulesText');
    expect(files.map(({ text }) => parseFile(text))).toMatchObject([{ rulesText: 'version: 1' }, {}]);
  });

  test('a file in another folder or bucket begins a chain that names nothing', async () => {
    const { deps, files } = world();
    const writer = createAuditWriter('object-created');
    const first = await writer.write(deps, place, [], undefined);
    const folder = await writer.write(deps, { ...place, prefix: 'other/' }, [], undefined);
    const bucket = await writer.write(deps, { bucket: 'evidence2', prefix: 'other/' }, [], undefined);

    const chains = [first, folder, bucket].map(({ name }) => name);
    expect(chains.map(({ sequence }) => sequence)).toEqual([1, 1, 1]);
    expect(new Set(chains.map(({ writer: chain }) => chain)).size).toBe(3);
    for (const [at, name] of chains.slice(0, 2).entries()) {
      expect(files[at + 1]?.text).not.toContain(name.sha256);
    }
  });

  test('a write that failed ends the chain; the next one names the last file that is certain', async () => {
    const { deps, files } = world((write) => (write === 1 ? failed('THROTTLED') : {}));
    const writer = createAuditWriter('object-created');
    const first = await writer.write(deps, place, [], undefined);
    await expect(writer.write(deps, place, [], undefined)).rejects.toMatchObject({ code: 'THROTTLED' });
    const next = await writer.write(deps, place, [], undefined);

    expect(next.name.sequence).toBe(1);
    expect(next.name.writer).not.toBe(first.name.writer);
    expect(files[2]?.text).toContain(first.name.sha256);
  });

  test('a dry run keeps the place of the file that was not sent', async () => {
    const { deps, retained } = world(() => ({ sent: false, versionId: undefined }));
    const writer = createAuditWriter('object-created');
    const kept = await writer.write(deps, place, [], undefined);
    const next = await writer.write(deps, place, [], undefined);

    expect([kept, next].map(({ sent, errors, name }) => [sent, errors, name.sequence])).toEqual([
      [false, [], 1],
      [false, [], 1],
    ]);
    expect(next.name.writer).toBe(kept.name.writer);
    expect(retained).toEqual([]);
  });

  test('a clock that was set back puts no file into an earlier hour', async () => {
    const { deps } = world();
    const writer = createAuditWriter('object-created');
    const times = ['2026-11-22T10:59:00Z', '2026-11-22T09:00:00Z', '2026-11-22T11:00:00Z'];
    const hours: string[] = [];
    for (const time of times) {
      const clock = manualClock(time);
      const kept = await writer.write({ ...deps, clock }, place, [], undefined);
      hours.push(kept.name.hour);
    }
    expect(hours).toEqual(['2026/11/22/10', '2026/11/22/10', '2026/11/22/11']);
  });

  test('files that nobody waits for are written one after the other', async () => {
    const { deps, files } = world((write) => (write === 0 ? failed('THROTTLED') : {}));
    const writer = createAuditWriter('object-created');
    const results = await Promise.allSettled([1, 2, 3].map(() => writer.write(deps, place, [], undefined)));

    expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled']);
    const [, second, third] = files;
    expect(third?.text).toContain(second?.key.match(/-([0-9a-f]{64})\./)?.[1]);
  });
});

describe('the retention of a file', () => {
  const year = (from: string) => new Date(from.replace('2026', '2027'));

  test('counts from the time of the service, and is put on the very version', async () => {
    const writtenAt = new Date('2026-11-22T10:00:07Z');
    const { deps, retained } = world(() => ({ writtenAt }));
    const { key, errors } = await createAuditWriter('x').write(deps, place, [], undefined);

    expect(errors).toEqual([]);
    expect(retained).toEqual([
      {
        at: { bucket: 'evidence', key, versionId: 'v1' },
        retention: { mode: 'COMPLIANCE', until: year('2026-11-22T10:00:07Z') },
      },
    ]);
  });

  test('counts from our own time where the service tells none', async () => {
    const { deps, retained } = world();
    await createAuditWriter('x').write(deps, place, [], undefined);
    expect(retained[0]?.retention.until).toEqual(year(start));
  });

  test('is none where no rule asks for one', async () => {
    const { deps, retained } = world();
    const kept = await createAuditWriter('x').write(deps, { ...place, prefix: 'free/' }, [], undefined);
    expect([kept.errors, retained]).toEqual([[], []]);
  });

  test('that a bucket without versions cannot give is an error of the file that was written', async () => {
    const { deps, retained } = world(() => ({ versionId: undefined }));
    const writer = createAuditWriter('x');
    const kept = await writer.write(deps, place, [], undefined);
    expect(kept).toMatchObject({ sent: true, errors: [{ code: 'VERSIONING_OFF' }] });
    expect(retained).toEqual([]);
    const free = await writer.write(deps, { ...place, prefix: 'free/' }, [], undefined);
    expect(free.errors).toEqual([]);
  });

  test('that is refused is an error of the file that was written, and the chain goes on', async () => {
    const { deps, refuseRetention } = world();
    refuseRetention(failed('ACCESS_DENIED'));
    const writer = createAuditWriter('x');
    const kept = await writer.write(deps, place, [], undefined);
    expect(kept).toMatchObject({ sent: true, errors: [{ code: 'ACCESS_DENIED' }], name: { sequence: 1 } });
    expect((await writer.write(deps, place, [], undefined)).name.sequence).toBe(2);
  });

  test('a file that is already there, and immutable, counts as written', async () => {
    const { deps } = world((write) => (write === 0 ? failed('IMMUTABLE') : {}));
    const writer = createAuditWriter('x');
    const kept = await writer.write(deps, place, [], undefined);
    expect(kept).toMatchObject({ sent: true, name: { sequence: 1 }, errors: [{ code: 'VERSIONING_OFF' }] });
    expect((await writer.write(deps, place, [], undefined)).name.sequence).toBe(2);
  });
});
