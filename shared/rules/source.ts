import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import { minute } from '../platform/instant.ts';
import { errorFields, type Logger } from '../platform/log.ts';
import { decodeText } from '../platform/text.ts';
import type { ETag, ObjectAt, StorageReads } from '../storage/port.ts';
import { compiledFile, readCompiled } from './compiled-rules.ts';
import { type Loaded, rulesOrFailure } from './loaded.ts';
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

/** What reads rules from their text. It is large, and loaded only where compiled rules do not do. */
export interface RulesParser {
  loadRules(text: string, file: string): Loaded;
}

/** How often an object is asked whether it has changed: often enough for people, rare beside the events. */
const checkEveryMs = minute;

/**
 * The rules behind `HOLDFAST_RULES`.
 * @param place a file (relative to `folder`), or `oss://bucket/key`
 * @param folder the folder of the code, where compiled rules lie
 * @param loadParser loads what reads rules from their text
 */
export function rulesSource(
  place: string,
  folder: string,
  clock: Clock,
  loadParser: () => Promise<RulesParser>,
): RulesSource {
  const at = parseObjectUrl(place);
  return at === undefined
    ? fromFile(resolve(folder, place), resolve(folder, compiledFile), loadParser)
    : fromObject(at, place, clock, loadParser);
}

/** `oss://bucket/key` taken apart; undefined when the text is something else. */
export function parseObjectUrl(text: string): ObjectAt | undefined {
  const parts = /^oss:\/\/([^/]+)\/(.+)$/s.exec(text);
  const [, bucket, key] = parts ?? [];
  return bucket !== undefined && key !== undefined ? { bucket, key } : undefined;
}

/** The file is part of the deployed code and does not change while the instance lives. */
function fromFile(file: string, compiled: string, loadParser: () => Promise<RulesParser>): RulesSource {
  let rules: Rules | undefined;
  return {
    async current() {
      if (rules === undefined) {
        const bytes = readRules(file);
        rules = fromCompiled(compiled, bytes);
        rules ??= await fromText(decodeText(bytes, file), file, loadParser);
      }
      return rules;
    },
  };
}

/** Read at once: the file is small, nothing else is to be done meanwhile, and `node:fs/promises` takes time to load. */
function readRules(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('RULES_UNREADABLE', { source: file, reason }, { cause });
  }
}

/** The parser has a copy of our errors of its own, so that what is thrown is made here. */
async function fromText(text: string, file: string, loadParser: () => Promise<RulesParser>): Promise<Rules> {
  const { loadRules } = await loadParser();
  return rulesOrFailure(loadRules(text, file), file);
}

/** Undefined when there are no compiled rules, or not those of this text: then the text decides. */
function fromCompiled(file: string, source: Uint8Array): Rules | undefined {
  try {
    return readCompiled(readFileSync(file, 'utf8'), source);
  } catch {
    return undefined;
  }
}

/**
 * Read anew when its ETag changes. A new version that is broken or unreadable never replaces a good one; it is reported
 * each time it is looked at, once a minute, and costs no event more than one short attempt.
 */
function fromObject(
  at: ObjectAt,
  place: string,
  clock: Clock,
  loadParser: () => Promise<RulesParser>,
): RulesSource {
  let good: { readonly rules: Rules; readonly etag: ETag } | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  const read = async (storage: StorageReads): Promise<Rules> => {
    const found = await storage.readText(at, good?.etag);
    if (found !== 'unchanged') {
      good = { rules: await fromText(found.text, place, loadParser), etag: found.etag };
    }
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
