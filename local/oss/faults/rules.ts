import * as z from 'zod';

const ms = z.number().min(0).max(3_600_000);
const moment = z.enum(['before', 'after']);

/** The effects by the key that tells them apart. Milliseconds unless the name says otherwise. */
const effects = {
  /** An error reply; `after`: although the request took effect. */
  status: z.strictObject({
    status: z.int().min(400).max(599),
    code: z.string().regex(/^\w+$/),
    after: z.boolean().optional(),
  }),
  /** The connection is reset, before or after the request took effect. */
  reset: z.strictObject({ reset: moment }),
  /** No reply ever comes; the connection stays open until the client gives up. */
  hang: z.strictObject({ hang: moment }),
  /** The request took effect; its reply ends after this part of the body. One without a body does not arrive at all. */
  cut: z.strictObject({ cut: z.number().min(0).max(0.99) }),
  /** A wait before the request is handled: always as long, or drawn. */
  delayMs: z.strictObject({
    delayMs: z.union(
      [
        ms,
        z.strictObject({ uniform: z.tuple([ms, ms]) }),
        z.strictObject({ normal: z.strictObject({ mean: ms, deviation: ms }) }),
        z.strictObject({ exponential: z.strictObject({ mean: ms }) }),
      ],
      {
        error:
          'expected milliseconds, {"uniform":[from,to]}, {"normal":{"mean","deviation"}} or {"exponential":{"mean"}}, up to an hour',
      },
    ),
  }),
  /**
   * At most so many requests a second of the cloud's own time, then 503 with the code of that limit: of the whole
   * account, of each bucket's and folder's keys, or of bucket management. `burst` may come at once.
   */
  qps: z.strictObject({
    qps: z.strictObject({
      limit: z.number().positive(),
      burst: z.int().min(1).optional(),
      per: z.enum(['account', 'prefix', 'management']),
    }),
  }),
  /** GetBucketWorm shows the bucket as it was before the request, for some time or some reads. */
  stale: z.strictObject({
    stale: z.union([z.strictObject({ ms }), z.strictObject({ reads: z.int().min(1) })], {
      error: 'expected {"ms":number} or {"reads":number}',
    }),
  }),
  /** Before the reply arrives, a person aborts the bucket's policy in progress, and initiates another with the same days. */
  renew: z.strictObject({ renew: z.literal(true) }),
  /** The server's clock, as far as dates of requests and replies go, is off by this; negative: it is slow. */
  clockOffsetMs: z.strictObject({ clockOffsetMs: z.int() }),
} as const;

type EffectKind = keyof typeof effects;
export type FaultEffect = z.infer<(typeof effects)[EffectKind]>;

const kinds = Object.keys(effects) as EffectKind[]; // of the constant above
const effect = z.record(z.string(), z.unknown()).transform((value, context): FaultEffect => {
  const kind = kinds.find((each) => each in value);
  const parsed = kind && effects[kind].safeParse(value);
  if (parsed?.success) return parsed.data;
  if (parsed === undefined) context.addIssue(`an effect has one of ${kinds.join(', ')}`);
  for (const { message, path } of parsed?.error.issues ?? []) {
    context.addIssue({ code: 'custom', message, path });
  }
  return z.NEVER;
});

/**
 * It says when and how requests go wrong. A rule hits the requests that equal all it names (`key` is a prefix), but
 * not the first `skip` of them, at most `times`, and of those each with probability `rate`.
 */
const faultRule = z.strictObject({
  operation: z.string().optional(),
  bucket: z.string().optional(),
  key: z.string().optional(),
  principal: z.string().optional(),
  skip: z.int().min(0).optional(),
  times: z.int().min(1).optional(),
  rate: z.number().min(0).max(1).optional(),
  effect,
});
export type FaultRule = z.infer<typeof faultRule>;

const list = z.array(faultRule);
const seeded = z.strictObject({ seed: z.int().optional(), rules: list.optional() });

/**
 * Reads a rule, a list of them, or `{"seed": 7, "rules": […]}`.
 * @throws ZodError that says what is wrong where
 */
export function parseFaults(given: unknown): z.infer<typeof seeded> {
  if (Array.isArray(given)) return { rules: list.parse(given) };
  const isDocument = typeof given === 'object' && given !== null && ('seed' in given || 'rules' in given);
  return isDocument ? seeded.parse(given) : { rules: [faultRule.parse(given)] };
}
export type FaultOf<Kind extends EffectKind> = z.infer<(typeof effects)[Kind]>;

/** This is what a rule is matched against. */
export interface FaultTarget {
  readonly operation: string;
  readonly bucket: string;
  readonly key: string;
  readonly principal: string;
}

export function isMatch(rule: FaultRule, target: FaultTarget): boolean {
  return (
    (rule.operation ?? target.operation) === target.operation &&
    (rule.bucket ?? target.bucket) === target.bucket &&
    (rule.principal ?? target.principal) === target.principal &&
    target.key.startsWith(rule.key ?? '')
  );
}
