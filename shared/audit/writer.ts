import type { HoldfastError } from '../platform/errors.ts';
import { hashRules } from '../rules/hash-rules.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { ObjectAt } from '../storage/port.ts';
import { type AuditRecord, type Draft, toFile } from './file.ts';
import { type AuditDeps, putOnce, retainWritten } from './keep-file.ts';
import { type FileName, formatName, newWriter } from './name.ts';

/** One file that was written. */
export interface KeptEvidence extends ObjectAt {
  readonly name: FileName;
  /** False in a dry run. */
  readonly sent: boolean;
  /** Why it is not under retention although a rule asks for it. */
  readonly errors: readonly HoldfastError[];
}

/** Writes one chain of files; nobody else writes to it. */
export interface AuditWriter {
  /**
   * Writes one file, and puts it under the retention that the rules give it.
   * @param tellsRules true when the file is to keep the text of the rules too
   * @throws what writing throws. Whether the file is there is then unknown, so this chain ends before it: the next file
   * begins another one, which names the last file that is certain. An end without a successor is never a fault.
   */
  write(
    deps: AuditDeps,
    place: ObjectPrefix,
    records: readonly AuditRecord[],
    requestId: string | undefined,
    tellsRules?: boolean,
  ): Promise<KeptEvidence>;
}

/** @param by the function or the command, such as `object-created` */
export function createAuditWriter(by: string): AuditWriter {
  let writer: string | undefined; // named with its first file: most instances write none
  let sequence = 1;
  let previous: FileName | undefined;
  let latest = new Date(0);
  let chainPlace: string | undefined;
  let last: Promise<unknown> = Promise.resolve();

  const startAnew = (after: FileName | undefined) => {
    writer = undefined;
    sequence = 1;
    previous = after;
  };

  const one: AuditWriter['write'] = async (deps, place, records, requestId, tellsRules = false) => {
    const placeText = `${place.bucket}/${place.prefix}`;
    if (chainPlace !== undefined && chainPlace !== placeText) startAnew(undefined);
    chainPlace = placeText;
    const now = deps.clock.now();
    if (now > latest) latest = now; // a clock that is set back must not put a file into an earlier hour
    writer ??= newWriter(by);
    const draft: Draft = {
      ...{ writer, sequence, previous, writtenAt: latest, by, requestId, records },
      rules: hashRules(deps.rules),
      ...(tellsRules && { rulesText: deps.rules.text }),
    };
    const { name, text } = toFile(draft);
    const at = { bucket: place.bucket, key: `${place.prefix}${formatName(name)}` };
    try {
      const written = await putOnce(deps.storage, at, text);
      if (!written.sent) return { ...at, name, sent: false, errors: [] };
      sequence += 1;
      previous = name;
      return { ...at, name, sent: true, errors: await retainWritten(deps, at, written) };
    } catch (error) {
      startAnew(previous);
      throw error;
    }
  };

  return {
    /** One after the other: a file names the one before. */
    write(...args) {
      const next = last.then(() => one(...args));
      last = next.catch(() => undefined);
      return next;
    },
  };
}
