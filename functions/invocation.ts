import type { AuditRecord } from '../shared/audit/file.ts';
import { fileTrail, openTrail, type Trail } from '../shared/audit/trail.ts';
import type { AuditWriter } from '../shared/audit/writer.ts';
import type { CloudName } from '../shared/platform/address.ts';
import { type Clock, systemClock } from '../shared/platform/clock.ts';
import type { Config } from '../shared/platform/config.ts';
import { errorFields, type Logger } from '../shared/platform/log.ts';
import type { Rules } from '../shared/rules/types.ts';
import { readOnly } from '../shared/storage/dry-run.ts';
import type { ObjectStore } from '../shared/storage/port.ts';
import { withRetry } from '../shared/storage/retry.ts';
import { connectionOf, type Instance } from './instance.ts';
import type { FunctionCall } from './platform.ts';
import { timeBudget } from './time-budget.ts';

/** Everything one invocation works with. */
export interface Invocation {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** The cloud that is served. */
  readonly cloud: CloudName;
  readonly call: FunctionCall;
  /** Repeats what failed transiently while time remains; every call ends at `deadline`. */
  readonly storage: ObjectStore;
  /** Makes a storage like `storage`, with `around` around every single request, repetitions included. */
  storageWith(around: (storage: ObjectStore) => ObjectStore): ObjectStore;
  readonly rules: Rules;
  readonly region: string;
  /** Work ends at this instant, and the evidence is written; shortly afterwards the platform ends the call. */
  readonly deadline: Date;
  /** Logs a decision, and adds it to the evidence, which is written before the invocation returns. */
  decided(level: 'info' | 'warn' | 'error', record: AuditRecord, text: string): void;
  /** The evidence alone. */
  readonly audit: Trail;
  /** It is as {@link FunctionPlatform} has it. */
  readonly keepsBeforeRepetition: boolean;
  /** Ids of the dead letters that this instance has kept although the platform repeats their events, by request. */
  readonly kept: Instance<unknown>['kept'];
}

/** An invocation, and what is needed to close it. */
export interface OpenInvocation extends Invocation {
  /** Goes on working after `deadline`. */
  readonly evidence: ObjectStore;
}

/** Builds the parts of one invocation. @throws RULES_UNREADABLE, RULES_INVALID, and what reading the rules throws */
export async function openInvocation<Context>(
  instance: Instance<Context>,
  call: FunctionCall,
  limitMs = call.limitMs,
): Promise<OpenInvocation> {
  const clock = systemClock;
  const { config, source, platform, kept } = instance;
  const log = instance.log.child({ requestId: call.requestId });
  const { connection, region } = connectionOf(instance, call);
  const budget = timeBudget(clock.now(), limitMs);
  const unlessDry = (storage: ObjectStore): ObjectStore =>
    config.dryRun ? readOnly(storage, (write) => log.debug({ ...write }, 'dry run: not sent')) : storage;
  const asItIs = (storage: ObjectStore): ObjectStore => storage;
  const storageUntil = (deadline: Date, around: (storage: ObjectStore) => ObjectStore = asItIs) =>
    unlessDry(withRetry(around(connection.storage(deadline, call.credentials)), { clock, deadline }));

  const evidence = storageUntil(budget.end);
  const brief = connection.storage(budget.brief, call.credentials);
  const rules = await source.current({ patient: evidence, brief }, log);
  const deadline = budget.workEnds(rules.audit !== undefined);
  const audit = openTrail({ rules, clock });
  return {
    config,
    clock,
    log,
    cloud: platform.cloud,
    call,
    storage: storageUntil(deadline),
    storageWith: (around) => storageUntil(deadline, around),
    evidence,
    rules,
    region,
    deadline,
    audit,
    keepsBeforeRepetition: platform.keepsBeforeRepetition,
    kept,
    decided(level, record, text) {
      log[level](record, text);
      audit.add(record);
    },
  };
}

/**
 * Writes what was decided, whether the work succeeded or not. What cannot be written is in the log, whole.
 * @returns AUDIT_UNWRITTEN, if something could not be written
 */
export async function closeInvocation(
  writer: AuditWriter,
  { evidence: storage, rules, clock, log, audit, call }: OpenInvocation,
): Promise<unknown> {
  const { files, lost, error } = await fileTrail(writer, { storage, rules, clock }, audit, call.requestId);
  for (const record of lost) log.error({ record, ...errorFields(error) }, 'not in the audit');
  for (const { bucket, key, errors } of files) {
    for (const trouble of errors) {
      log.error({ bucket, key, ...errorFields(trouble) }, 'evidence is not under retention');
    }
  }
  return error;
}
