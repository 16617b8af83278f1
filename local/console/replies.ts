import * as z from 'zod/mini';
import { cloudNames } from '../../shared/platform/address.ts';
import type { Invocation } from '../fc/invocations.ts';
import type { Undelivered } from '../fc/undelivered.ts';
import type { BucketView, FunctionView, LettersView, VersionsPage } from '../views/shown.ts';

/* The forms of the replies that the page reads. A reply of another form is an error with a name, not a page with gaps. */

const cloud = z.enum(cloudNames);
const text = z.string();
const number = z.number();

/** A fault rule, as the admin API lists it. */
export const faultReply = z.record(z.string(), z.unknown());

export const clockReply = z.object({ now: text, offsetMs: number });

export const bucketReply: z.ZodMiniType<BucketView> = z.object({
  cloud,
  name: text,
  createdAt: text,
  versioning: z.enum(['Unversioned', 'Enabled', 'Suspended']),
  objectWorm: z.boolean(),
  defaultRetention: z.exactOptional(z.object({ mode: text, period: text })),
  policy: z.exactOptional(
    z.object({
      id: text,
      state: z.enum(['InProgress', 'Locked', 'Expired']),
      days: number,
      createdAt: text,
      hoursToLock: z.exactOptional(number),
    }),
  ),
});

export const functionReply: z.ZodMiniType<FunctionView> = z.object({
  cloud,
  name: text,
  triggers: z.array(z.object({ name: text, type: text, when: z.exactOptional(text) })),
});

export const invocationReply: z.ZodMiniType<Invocation> = z.object({
  id: number,
  cloud,
  requestId: text,
  function: text,
  trigger: text,
  event: z.unknown(),
  attempt: number,
  status: z.enum(['running', 'succeeded', 'failed', 'retrying', 'dead']),
  startedAt: text,
  finishedAt: z.exactOptional(text),
  durationMs: z.exactOptional(number),
  error: z.exactOptional(z.object({ errorMessage: text, errorType: text, stackTrace: z.array(text) })),
  cold: z.exactOptional(z.boolean()),
  result: z.exactOptional(text),
  logs: z.array(text),
});

export const lettersReply: z.ZodMiniType<LettersView> = z.object({
  letters: z.array(
    z.object({
      cloud,
      id: text,
      bucket: text,
      key: text,
      failedAt: text,
      open: z.boolean(),
      function: z.exactOptional(text),
      error: z.exactOptional(text),
    }),
  ),
  total: number,
  places: z.array(text),
});

export const undeliveredReply: z.ZodMiniType<Undelivered> = z.object({
  at: text,
  kind: z.enum(['destination', 'trigger']),
  function: text,
  target: text,
  requestId: text,
  code: text,
  message: text,
});

export const versionsReply: z.ZodMiniType<VersionsPage> = z.object({
  versions: z.array(
    z.object({
      kind: z.enum(['version', 'delete-marker']),
      key: text,
      versionId: text,
      isLatest: z.boolean(),
      lastModified: text,
      size: number,
      tags: z.record(z.string(), z.string()),
      retention: z.exactOptional(z.object({ mode: text, until: text })),
      legalHold: z.boolean(),
      immutable: z.boolean(),
    }),
  ),
  next: z.exactOptional(z.object({ key: text, versionId: text })),
});

/** The refusal of a call. */
export const refusalReply = z.object({ error: text, remedy: text });
