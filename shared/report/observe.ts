import { ending } from '../backfill/ending.ts';
import { observeKnown } from '../backfill/observe.ts';
import type { KnownVersion } from '../backfill/source.ts';
import { judge, type ObjectDeps } from '../objects/settle.ts';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import type { ObjectHead } from '../storage/port.ts';
import { standingOf } from './standing.ts';
import type { Judgement } from './types.ts';

/**
 * Tells how a version stands, read from the service by the requests that `holdfast protect` would make to find out;
 * one more where the rules cannot be followed or their date is past, since something else may hold the version.
 * @param deps `clock` stands at the instant that the report is about
 * @returns undefined when the version is gone
 * @throws what every other version of the bucket would meet too
 */
export async function observePosture(deps: ObjectDeps, known: KnownVersion): Promise<Judgement | undefined> {
  const at = deps.clock.now();
  try {
    const observed = await observeKnown(deps, known);
    if ('pending' in observed) {
      const { pending } = observed;
      return withHold(standingOf(judge(deps.rules, pending, at), pending.retention, at), pending);
    }
    const { outcome, seen } = observed;
    const mayBeHeld = ['refuse', 'elapsed'].includes(outcome.decision.action);
    const stored = seen ?? (mayBeHeld ? await look(deps, known) : undefined);
    return withHold(standingOf(outcome, mayBeHeld ? stored?.retention : undefined, at), stored);
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    const { code, message: reason, remedy } = error;
    if (hasCode(error, 'VERSIONING_OFF')) return { standing: 'unprotected', code, reason, remedy };
    if (ending.has(code)) throw error;
    return { standing: 'unknown', code, reason, remedy };
  }
}

type Stored = Pick<ObjectHead, 'retention'> & { readonly legalHold?: true | undefined };

async function look({ storage }: ObjectDeps, known: KnownVersion): Promise<Stored | undefined> {
  const head = await storage.headObject(known);
  return typeof head === 'string' ? undefined : head;
}

/** Adds what holds the version besides the rules' date: the mode of its retention, and a legal hold, which is no retention. */
function withHold(judgement: Judgement | undefined, stored: Stored | undefined): Judgement | undefined {
  if (judgement === undefined || stored === undefined) return judgement;
  const { retention, legalHold } = stored;
  const reasons = [judgement.reason, ...(legalHold ? ['a legal hold is on'] : [])];
  return {
    ...judgement,
    ...(retention && { mode: retention.mode }),
    ...(legalHold && { legalHold, reason: reasons.filter((reason) => reason !== undefined).join('; ') }),
  };
}
