import { formatAddress } from '../platform/address.ts';
import { failure, HoldfastError } from '../platform/errors.ts';
import type { ObjectPrefix } from '../rules/types.ts';
import type { AuditRecord } from './file.ts';
import type { AuditDeps } from './keep-file.ts';
import type { AuditWriter, KeptEvidence } from './writer.ts';

/** The records of one invocation, or of one step of a command. */
export interface Trail {
  /** Notes a decision that was carried out. Nothing is sent yet. */
  add(record: AuditRecord): void;
  readonly records: readonly AuditRecord[];
  /** Lets the first file keep the text of the rules. */
  tellRules(): void;
  readonly tellsRules: boolean;
}

/** More than this goes into further files, so that reading one needs little memory. */
export const maxRecords = 10_000;
export const maxBytes = 4 * 1024 * 1024;

/**
 * Begins to gather. What is decided about evidence itself is no evidence: its upload may fire a function, whose record
 * would be a further upload, and so on for ever.
 * @param deps rules without `audit` gather nothing
 */
export function openTrail({ rules, clock }: Pick<AuditDeps, 'rules' | 'clock'>): Trail {
  const records: AuditRecord[] = [];
  let tellsRules = false;
  return {
    records,
    get tellsRules() {
      return tellsRules;
    },
    tellRules() {
      tellsRules = true;
    },
    add(record) {
      if (rules.audit === undefined || isOwn(record, rules.audit)) return;
      records.push({ time: clock.now().toISOString(), ...record });
    },
  };
}

function isOwn({ bucket, key }: AuditRecord, place: ObjectPrefix): boolean {
  return bucket === place.bucket && typeof key === 'string' && key.startsWith(place.prefix);
}

/** This is what became of a trail. */
export interface Filed {
  readonly files: readonly KeptEvidence[];
  /** Those that are in no file; empty unless there is an error. */
  readonly lost: readonly AuditRecord[];
  /** AUDIT_UNWRITTEN: what the records say has been done, and only the log may have it. */
  readonly error?: HoldfastError;
}

/** Writes what was gathered; nothing when that is nothing. Never throws: the decisions stand either way. */
export async function fileTrail(
  writer: AuditWriter,
  deps: AuditDeps,
  { records, tellsRules }: Trail,
  requestId?: string,
): Promise<Filed> {
  const place = deps.rules.audit;
  const files: KeptEvidence[] = [];
  if (place === undefined) return { files, lost: [] };
  let written = 0;
  for (const part of parts(records)) {
    try {
      const isFirst = files.length === 0;
      files.push(await writer.write(deps, place, part, requestId, tellsRules && isFirst));
      written += part.length;
    } catch (error) {
      return {
        files,
        lost: records.slice(written),
        error: unwritten(
          formatAddress(deps.rules.cloud, { bucket: place.bucket, key: place.prefix }),
          records.length - written,
          error,
        ),
      };
    }
  }
  return { files, lost: [] };
}

function unwritten(place: string, count: number, cause: unknown): HoldfastError {
  const reason = cause instanceof HoldfastError ? `${cause.code}: ${cause.message}` : String(cause);
  const reply = cause instanceof HoldfastError ? cause.reply : {};
  return failure('AUDIT_UNWRITTEN', { count, place, reason }, { cause, reply });
}

function* parts(records: readonly AuditRecord[]): Iterable<readonly AuditRecord[]> {
  let part: AuditRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = Buffer.byteLength(JSON.stringify(record));
    if (part.length > 0 && (part.length >= maxRecords || bytes + size > maxBytes)) {
      yield part;
      part = [];
      bytes = 0;
    }
    part.push(record);
    bytes += size;
  }
  if (part.length > 0) yield part;
}
