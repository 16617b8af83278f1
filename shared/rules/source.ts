import { resolve } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { minute } from '../platform/instant.ts';
import { errorFields, type Logger } from '../platform/log.ts';
import { readTextFile } from '../platform/text.ts';
import type { ETag, ObjectAt, StorageReads } from '../storage/port.ts';
import { formatProblem, loadRules } from './load.ts';
import type { Rules } from './types.ts';

/** The ways in which rules in an object can be read. */
export interface RulesReaders {
  /** Repeats what fails, for the rules without which nothing can be done. */
  readonly patient: StorageReads;
  /** Tries once and not long, for a look whether the rules have changed. */
  readonly brief: StorageReads;
}

/** Gives the rules in force. */
export interface RulesSource {
  current(readers: RulesReaders, log: Logger): Promise<Rules>;
}

/** How often an object is asked whether it has changed: often enough for people, rare beside the events. */
const checkEveryMs = minute;

/**
 * The rules behind `HOLDFAST_RULES`.
 * @param place a file (relative to `folder`), or `oss://bucket/key`
 */
export function rulesSource(place: string, folder: string, clock: Clock): RulesSource {
  const at = parseObjectUrl(place);
  return at === undefined ? fromFile(resolve(folder, place)) : fromObject(at, place, clock);
}

/** `oss://bucket/key` taken apart; undefined when the text is something else. */
export function parseObjectUrl(text: string): ObjectAt | undefined {
  const parts = /^oss:\/\/([^/]+)\/(.+)$/s.exec(text);
  const [, bucket, key] = parts ?? [];
  return bucket !== undefined && key !== undefined ? { bucket, key } : undefined;
}

/**
 * Rules from their text.
 * @throws RULES_INVALID with all mistakes, one a line
 */
export function rulesFrom(text: string, file: string): Rules {
  const loaded = loadRules(text, file);
  if (loaded.ok) return loaded.rules;
  const problems = loaded.problems.map((problem) => formatProblem(file, problem)).join('\n');
  throw failure('RULES_INVALID', { count: loaded.problems.length, file, problems });
}

/**
 * Reads and checks a rules file.
 * @throws RULES_UNREADABLE, TEXT_ENCODING, RULES_INVALID
 */
export async function readRulesFile(file: string): Promise<Rules> {
  const text = await readTextFile(file).catch((cause: Error) => {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    throw failure('RULES_UNREADABLE', { source: file, reason: cause.message }, { cause });
  });
  return rulesFrom(text, file);
}

/** The file is part of the deployed code and does not change while the instance lives. */
function fromFile(file: string): RulesSource {
  let rules: Rules | undefined;
  return {
    async current() {
      rules ??= await readRulesFile(file);
      return rules;
    },
  };
}

/**
 * Read anew when its ETag changes. A new version that is broken or unreadable never replaces a good one; it is reported
 * each time it is looked at, once a minute, and costs no event more than one short attempt.
 */
function fromObject(at: ObjectAt, place: string, clock: Clock): RulesSource {
  let good: { readonly rules: Rules; readonly etag: ETag } | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  const read = async (storage: StorageReads): Promise<Rules> => {
    const found = await storage.readText(at, good?.etag);
    if (found !== 'unchanged') good = { rules: rulesFrom(found.text, place), etag: found.etag };
    if (good === undefined) throw failure('RULES_UNREADABLE', { source: place, reason: 'it was never read' });
    return good.rules;
  };

  return {
    async current({ patient, brief }, log) {
      const now = clock.now().getTime();
      if (good === undefined) {
        const rules = await read(patient);
        checkedAt = now;
        return rules;
      }
      if (now - checkedAt < checkEveryMs) return good.rules;
      checkedAt = now;
      try {
        return await read(brief);
      } catch (error) {
        log.error(
          { rules: place, ...errorFields(error) },
          'the rules are unusable now; the last good ones stay in force',
        );
        return good.rules;
      }
    },
  };
}
