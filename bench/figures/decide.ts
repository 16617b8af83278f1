import { decideObject } from '../../shared/objects/decide.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import { versionId } from '../../shared/storage/port.ts';
import { cpuMs, type Figure, type FigureResult, median } from './figure.ts';

/** The rules of a file that a large company might have: one a department, with its own bucket, folder or tag. */
const count = 1000;
const kinds: Readonly<Record<string, (index: number) => string>> = {
  buckets: (index) => `{ bucket: "dept${index}-*" }`,
  folders: (index) => `{ bucket: "records-*", key: "dept-${index}/**" }`,
  'tag values': (index) => `{ bucket: "records-*", tags: { dept: "d${index}" } }`,
};
const rounds = 9;
const decisions = 2000;
const goalMicroseconds = 20;

/** One decision with a thousand rules: the CPU of `decideObject` for one object, of which one rule decides. */
export const decide: Figure = () =>
  Object.entries(kinds).map(([kind, match]): FigureResult => {
    const rules = Array.from(
      { length: count },
      (_, index) => `  - { name: r${index}, match: ${match(index)}, retain: 7y }`,
    );
    const loaded = rulesFrom(
      `version: 1\nlimits: { maxRetention: 10y }\nobjects:\n${rules.join('\n')}\n`,
      'rules.yaml',
    );
    const now = new Date('2026-11-28T00:00:00Z');
    const object = {
      bucket: kind === 'buckets' ? 'dept500-eu' : 'records-eu',
      versionId: versionId('v'),
      lastModified: now,
      type: 'Normal',
      tags: new Map([['dept', 'd500']]),
      retention: undefined,
      isLatest: true,
    };
    const once = (round: number) => {
      const started = cpuMs();
      for (let index = 0; index < decisions; index += 1) {
        const { action } = decideObject(
          loaded,
          { ...object, key: `dept-500/2026/${round}/${index}.parquet` },
          now,
        );
        if (action !== 'protect') throw new Error(`expected protect, found ${action}`);
      }
      return ((cpuMs() - started) * 1000) / decisions;
    };
    once(0); // the compiler of the machine warms up
    const microseconds = median(Array.from({ length: rounds }, (_, round) => once(round)));
    return {
      what: `decide with 1,000 rules that differ in ${kind}, CPU`,
      value: `${microseconds.toFixed(1)} µs`,
      reference: `${goalMicroseconds} µs`,
      measured: microseconds / goalMicroseconds,
      goal: 1,
    };
  });
