import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { type CloudName, objectIn } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure } from '../platform/errors.ts';
import { minute } from '../platform/instant.ts';
import { errorFields, type Logger } from '../platform/log.ts';
import { decodeText } from '../platform/text.ts';
import type { ETag, ObjectAt, StorageReads } from '../storage/port.ts';
import { compiledFile, readCompiled } from './compiled-rules.ts';
import { type Loaded, rulesOrFailure, someRules } from './loaded.ts';
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

/** This is what reads rules from their text. It is large, and loaded only where compiled rules do not do. */
export interface RulesParser {
  loadRules(text: string, file: string, cloud: CloudName): Loaded;
}

/** This is how often an object is asked whether it has changed: often enough for people, rare beside the events. */
const checkEveryMs = minute;

/**
 * Returns the rules behind `HOLDFAST_RULES`.
 * @param place a file (relative to `folder`), or `oss://bucket/key` or `obs://bucket/key` in the cloud that is served
 * @param folder the folder of the code; compiled rules lie there, or beside the file
 * @param cloud the one that is served; the rules are narrowed to it
 * @param loadParser loads what reads rules from their text
 */
export function rulesSource(
  place: string,
  folder: string,
  clock: Clock,
  loadParser: () => Promise<RulesParser>,
  cloud: CloudName = 'oss',
): RulesSource {
  const at = objectIn(cloud, place);
  const parse: Parse = async (text, file) => ({
    ...rulesOrFailure((await loadParser()).loadRules(text, file, cloud), file, cloud),
    text,
  });
  if (at !== undefined) return fromObject(at, place, clock, parse);
  const file = resolve(folder, place);
  const compiled = new Set([folder, dirname(file)].map((where) => resolve(where, compiledFile)));
  return fromFile(file, [...compiled], cloud, parse);
}

/** Reads rules from their text; the parser has a copy of our errors of its own, so that what is thrown is made here. */
type Parse = (text: string, file: string) => Promise<Rules>;

/** The file is part of the deployed code and does not change while the instance lives. */
function fromFile(file: string, compiled: readonly string[], cloud: CloudName, parse: Parse): RulesSource {
  let rules: Rules | undefined;
  return {
    async current() {
      if (rules === undefined) {
        const bytes = readRules(file);
        const text = decodeText(bytes, file);
        for (const each of compiled) rules ??= fromCompiled(each, bytes, cloud);
        rules = rules === undefined ? await parse(text, file) : { ...someRules(rules, file, cloud), text };
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

/** Undefined when there are no compiled rules, or not those of this text: then the text decides. */
function fromCompiled(file: string, source: Uint8Array, cloud: CloudName): Rules | undefined {
  try {
    return readCompiled(readFileSync(file, 'utf8'), source, cloud);
  } catch {
    return undefined;
  }
}

/**
 * Read anew when its ETag changes. A new version that is broken or unreadable never replaces a good one; it is reported
 * each time it is looked at, once a minute, and costs no event more than one short attempt.
 */
function fromObject(at: ObjectAt, place: string, clock: Clock, parse: Parse): RulesSource {
  let good: { readonly rules: Rules; readonly etag: ETag } | undefined;
  let checkedAt = Number.NEGATIVE_INFINITY;

  const read = async (storage: StorageReads): Promise<Rules> => {
    const found = await storage.readText(at, good?.etag);
    if (found !== 'unchanged') {
      good = { rules: await parse(found.text, place), etag: found.etag };
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
