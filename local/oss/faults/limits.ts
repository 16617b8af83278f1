import { OssError } from '../errors.ts';
import type { FaultOf, FaultTarget } from './rules.ts';

type Limit = FaultOf<'qps'>['qps'];

/** OSS, "Error codes" and EC pages; the spelling of the second is the service's. */
const refusals = {
  account: { code: 'TotalQpsLimitExceeded', ec: '0004-00000302' },
  prefix: { code: 'PartitionQpsLimitted', ec: '0026-00000028' },
  management: { code: 'MetaOperationQpsLimitExceeded', ec: undefined },
} as const;

/** Lets requests through at a rate. */
export interface Limiter {
  /** @throws the 503 of the limit, with x-oss-qos-delay-time in milliseconds, when the request comes too soon */
  pass(target: FaultTarget, now: Date): void;
}

/**
 * Makes the limiter of one rule, a burst in hand. It keeps for each name when the requests so far would have been
 * through at an even pace (the generic cell rate algorithm, ITU-T I.371, the same as a token bucket).
 */
export function createLimiter({ limit, burst = Math.max(1, Math.floor(limit)), per }: Limit): Limiter {
  const spacingMs = 1000 / limit;
  const aheadMs = (burst - 1) * spacingMs;
  const through = new Map<string, number>();
  return {
    pass(target, now) {
      if (per === 'management' && target.key !== '') return;
      const name = per === 'prefix' ? `${target.bucket}/${folderOf(target.key)}` : '';
      const at = now.getTime();
      const paced = Math.max(through.get(name) ?? at, at);
      const waitMs = paced - at - aheadMs;
      if (waitMs > 0) throw exceeded(per, Math.ceil(waitMs));
      through.set(name, paced + spacingMs);
    },
  };
}

const folderOf = (key: string): string => key.slice(0, key.lastIndexOf('/') + 1);

function exceeded(per: Limit['per'], waitMs: number): OssError {
  const { code, ec } = refusals[per];
  return new OssError(code, 503, {
    message: 'Please reduce your request rate.',
    headers: { 'x-oss-qos-delay-time': String(waitMs) },
    ...(ec !== undefined && { ec }),
  });
}
