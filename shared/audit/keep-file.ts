import { carryOutDecision, judge } from '../objects/settle.ts';
import { formatAddress } from '../platform/address.ts';
import type { Clock } from '../platform/clock.ts';
import { failure, type HoldfastError, hasCode } from '../platform/errors.ts';
import type { Rules } from '../rules/types.ts';
import {
  type ObjectAt,
  type ObjectStore,
  versionId as toVersionId,
  type WrittenObject,
} from '../storage/port.ts';

export interface AuditDeps {
  readonly storage: AuditCalls;
  readonly rules: Rules;
  readonly clock: Clock;
}

/** The calls that writing evidence takes. */
type AuditCalls = Pick<ObjectStore, 'cloud' | 'writeText' | 'putRetention' | 'getRetention'>;

/**
 * Writes an object whose key has the hash of its text. A write that is repeated after a lost reply may meet a key that is kept
 * from being overwritten: then it has this very text.
 */
export async function putOnce(storage: AuditCalls, at: ObjectAt, text: string): Promise<WrittenObject> {
  try {
    return await storage.writeText(at, text);
  } catch (error) {
    if (!hasCode(error, 'IMMUTABLE')) throw error;
    return { sent: true, requestId: error.reply.requestId };
  }
}

/** This is how the service names the only version of an object in a bucket that keeps none. */
const nullVersion = toVersionId('null');

/**
 * Decides about a file of the evidence as about any other object, and puts it under retention. Last-Modified is not in the
 * reply, its time is: the same or a moment later, and so never too short.
 * @returns why it is not under retention although a rule asks for it
 */
export async function retainWritten(
  { storage, rules, clock }: AuditDeps,
  at: ObjectAt,
  { versionId, writtenAt }: WrittenObject,
): Promise<readonly HoldfastError[]> {
  const now = clock.now();
  const judged = judge(
    rules,
    {
      ...at,
      versionId: versionId ?? nullVersion,
      lastModified: writtenAt ?? now,
      type: 'Normal',
      tags: new Map(),
      retention: undefined,
    },
    now,
  );
  if (versionId === undefined && judged.decision.action === 'protect')
    return [failure('VERSIONING_OFF', { target: formatAddress(storage.cloud, at) })];
  return (await carryOutDecision(storage, judged)).errors;
}
