import { OssError } from '../errors.ts';
import type { FaultOf, FaultTarget } from './rules.ts';

type Limit = FaultOf<'qps'>['qps'];

/** OSS, "Error codes" and EC pages; the spelling of the second is the service's. */
const refusals = {
  account: { code: 'TotalQpsLimitExceeded', ec: '0004-00000302' },
  prefix: { code: 'PartitionQpsLimitted', ec: '0026-00000028' },
  management: { code: 'MetaOperationQpsLimitExceeded', ec: undefined },
} as const;

/** Lets requests through at a rate, by token buckets. */
export interface Limiter {
  /** @throws the 503 of the limit, with x-oss-qos-delay-time in milliseconds, when the request comes too soon */
  pass(target: FaultTarget, now: Date): void;
}

/** Makes the limiter of one rule, with all its tokens. */
export function createLimiter({ limit, burst = Math.max(1, Math.floor(limit)), per }: Limit): Limiter {
  const buckets = new Map<string, { tokens: number; at: number }>();
  return {
    pass(target, now) {
      if (per === 'management' && target.key !== '') return;
      const name = per === 'prefix' ? `${target.bucket}/${folderOf(target.key)}` : '';
      const at = now.getTime();
      const last = buckets.get(name) ?? { tokens: burst, at };
      const tokens = Math.min(burst, last.tokens + (Math.max(0, at - last.at) / 1000) * limit);
      const admitted = tokens >= 1;
      buckets.set(name, { tokens: admitted ? tokens - 1 : tokens, at });
      if (!admitted) throw exceeded(per, Math.ceil(((1 - tokens) / limit) * 1000));
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
