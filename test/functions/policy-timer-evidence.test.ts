import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooseEvidence, type EvidenceBefore } from '../../functions/policy-timer/evidence.ts';
import { plainClient } from '../../local/plain-client.ts';
import { type AuditRecord, toFile } from '../../shared/audit/file.ts';
import { formatName } from '../../shared/audit/name.ts';
import { parseFile } from '../../shared/audit/parse-file.ts';
import { day, hour, minute } from '../../shared/platform/instant.ts';
import { cloudEnvironment, folderWith, runCli } from '../support/cli.ts';
import { contentOf } from '../support/dead-letters.ts';
import { holdfastCloud, invoke, policyTimer } from '../support/holdfast-cloud.ts';
import { rulesFiles } from '../support/rules-file.ts';

// What of a run of the timer becomes evidence: changes, new ends of chains, and once a day everything.

const start = new Date('2026-11-21T10:00:00Z');
const later = (ms: number) => new Date(start.getTime() + ms);
const run = { action: 'run', buckets: 2 };
const outcomes: AuditRecord[] = [
  { bucket: 'a', rule: 'r', action: 'leave', state: 'Locked', days: 365, hoursLeft: 100, reason: 'x' },
  { bucket: 'b', rule: 'r', action: 'wait', state: 'InProgress', days: 365, hoursLeft: 20, reason: 'y' },
];

const rules = 'sha256:one';

/** A file of evidence as the next run reads it. */
function fileOf(records: readonly AuditRecord[], writtenAt: Date, writer = 'policy-timer-0123456789abcdef') {
  const draft = {
    writer,
    sequence: 1,
    previous: undefined,
    writtenAt,
    by: 'policy-timer',
    requestId: 'R',
    rules,
  };
  const read = parseFile(toFile({ ...draft, records }).text);
  if ('problem' in read) throw new Error(read.problem);
  return read;
}

const anchorOf = (...heads: string[]): AuditRecord => ({ action: 'anchor', heads });
const other = formatName(fileOf([{ action: 'protect' }], start, 'object-created-0123456789abcdef').name);

const choose = (before: Partial<EvidenceBefore>, records: readonly AuditRecord[], now: Date, acted = false) =>
  chooseEvidence({ last: undefined, anchor: anchorOf(), ...before }, { records, run, acted, rules }, now);

describe('after a run that was written whole', () => {
  const last = fileOf(choose({}, outcomes, start), start);
  const own = formatName(last.name);

  it('has all records, the anchor and the run', () => {
    expect(last.records).toMatchObject([...outcomes, { action: 'anchor', heads: [] }, { action: 'run' }]);
  });

  it('the same outcome is not written again, also in another order, with other hours left and words', () => {
    const same = outcomes.map((record) => ({ ...record, hoursLeft: 1, reason: 'z', ossRequestId: 'R9' }));
    expect(choose({ last, anchor: anchorOf(own) }, same.toReversed(), later(day - 1))).toEqual([]);
  });

  it('is written again after a day, as a proof of life', () => {
    const again = choose({ last }, outcomes, later(day));
    expect(again.slice(0, 2)).toEqual(outcomes);
    expect(again).toHaveLength(4);
  });

  it('any change of what counts is written, with all records', () => {
    const [first, second] = outcomes;
    for (const changed of [
      { action: 'lock' },
      { state: 'Expired' },
      { days: 366 },
      { problem: 'lapsed' },
      { code: 'UNREACHABLE' },
      { newDays: 400 },
      { wormId: 'W' },
      { rule: 's' },
      { bucket: 'c' },
    ]) {
      const records: AuditRecord[] = [{ ...first }, { ...second, ...changed }];
      expect(choose({ last }, records, later(minute)).slice(0, 2), JSON.stringify(changed)).toEqual(records);
    }
    expect(choose({ last }, outcomes.slice(1), later(minute))[0]).toEqual(outcomes[1]);
    expect(choose({ last }, [...outcomes, ...outcomes], later(minute))).toHaveLength(6);
  });

  it('other rules are written, with all records', () => {
    const before = { last, anchor: anchorOf() };
    const chosen = { records: outcomes, run, acted: false, rules: 'sha256:two' };
    expect(chooseEvidence(before, chosen, later(minute))).toHaveLength(4);
  });

  it('a change that was sent is written although it ends as the last one did', () => {
    expect(choose({ last }, outcomes, later(minute), true)).toHaveLength(4);
  });

  it('new ends of chains are anchored alone, and the day still counts from the whole', () => {
    const anchored = choose({ last, anchor: anchorOf(own, other) }, outcomes, later(hour));
    expect(anchored).toMatchObject([{ action: 'anchor', heads: [own, other] }, { action: 'run' }]);
    const file = fileOf(anchored, later(hour));
    expect(choose({ last: file, anchor: anchorOf(own, other) }, outcomes, later(2 * hour))).toEqual([]);
    expect(choose({ last: file }, outcomes, later(day))).toHaveLength(4);
  });

  it('the last file is named by the next one, however long ago it was', () => {
    expect(choose({ last, anchor: anchorOf() }, outcomes, later(day))[2]).toEqual(anchorOf(own));
  });

  it('whatever the hours are, no more than a day lies between two whole ones', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 20, maxLength: 60 }), (steps) => {
        let [before, now, whole] = [last, start, start];
        for (const minutes of steps) {
          now = new Date(now.getTime() + minutes * minute);
          const chosen = choose({ last: before }, outcomes, now);
          if (chosen.length > 0) {
            before = fileOf(chosen, now);
            whole = now;
          }
          expect(now.getTime() - whole.getTime()).toBeLessThan(day);
        }
      }),
      { numRuns: 20 },
    );
  });
});

it('what is not known counts as changed', () => {
  expect(choose({}, outcomes, start)).toHaveLength(4);
  expect(choose({ anchor: undefined }, outcomes, start)).toHaveLength(3);
  const foreign = fileOf([{ action: 'run', outcome: 7, wholeAt: 'never' }], start);
  expect(choose({ last: foreign }, outcomes, later(minute))).toHaveLength(4);
});

it('a quiet day has two files, whichever instance runs, and the chains are whole', async () => {
  const rules = `version: 1
limits: { maxRetention: 10y }
audit: oss://evidence/audit/
buckets:
  - { name: archive, match: { bucket: archive-a }, policy: { days: 30 } }
  - { name: evidence, match: { bucket: evidence }, policy: { days: 30, initiate: true, lock: { after: 1min } } }
`;
  const quiet = readFileSync('s.yaml', 'utf8').replace('0 */15 * * * *', '0 0 0 1 1 *');
  const template = join(folderWith({ 's.yaml': quiet }), 's.yaml');
  const cloud = await holdfastCloud(rules, { template, codeRoot: '.' });
  const client = plainClient(cloud.url, 'archive-a');
  await client.putBucket('archive-a');
  await client.putBucket('evidence');
  const runs = async (count: number) => {
    for (let at = 0; at < count; at += 1) {
      await cloud.advance(15 * minute);
      await invoke(cloud, policyTimer, {});
    }
    return (await contentOf(cloud, 'evidence')).length;
  };
  const settled = await runs(3); // initiate, lock, leave
  expect(settled).toBe(3);
  expect(await runs(3)).toBe(settled);
  await client.initiateBucketWorm('archive-a', '30');
  expect(await runs(2), 'somebody has begun a policy').toBe(settled + 1);
  await cloud.advance(day);
  expect(await runs(2), 'it has lapsed').toBe(settled + 2);
  const audited = await runCli(['audit', '--json'], {
    cwd: folderWith(rulesFiles(rules)),
    env: cloudEnvironment(cloud.url),
  });
  expect(audited.stderr).toBe('');
  expect(audited.code).toBe(0);
});
