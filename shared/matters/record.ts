import * as z from 'zod';
import type { CloudName } from '../platform/address.ts';
import { firstIssue } from '../platform/first-issue.ts';
import { formatInstant } from '../platform/instant.ts';
import { mostTags } from '../platform/most-tags.ts';
import { jsonIn } from '../platform/read-json.ts';
import { compilePattern } from '../rules/pattern.ts';
import type { Pattern } from '../rules/types.ts';
import { isMatterId, matterIdForm } from './name.ts';
import { compilePlaces } from './places.ts';
import type { MatterRecord, MatterScope } from './types.ts';

/* A file of its own, because whoever only looks whether there are matters needs no schema. */

/** Characters of a reason. */
export const longestReason = 1000;

const instant = z.iso.datetime({ error: 'expected an instant such as 2026-11-29T10:00:00Z' });
const follows = z.array(z.string().regex(/^(opened|released)-[0-9a-f]{64}\.json$/)).min(1);
const about = {
  matter: z.literal(1),
  id: z.string().refine(isMatterId, { error: `expected ${matterIdForm}` }),
  at: instant,
  by: z.strictObject({ caller: z.string(), callerFrom: z.string() }),
};
const reason = z.string().trim().min(1, { error: 'expected a reason' }).max(longestReason);

const scopeText = z.strictObject({
  match: z.array(z.string()).min(1),
  tags: z
    .record(z.string().min(1), z.string())
    .refine((tags) => Object.keys(tags).length <= mostTags, {
      error: `an object has at most ${mostTags} tags`,
    })
    .optional(),
  from: instant.optional(),
  until: instant.optional(),
});

/** The scope of a matter as it is written. */
export type ScopeText = z.infer<typeof scopeText>;

const bucketNames = z.array(z.string().min(1)).min(1);
const pass = {
  ...about,
  follows,
  complete: z.boolean(),
  counts: z.record(z.string(), z.int().nonnegative()),
  withHolds: bucketNames.optional(),
  withoutHolds: bucketNames.optional(),
  partlyHeld: bucketNames.optional(),
};
// A pass says what was done, so whatever a later version adds to it can be left out.
const record = z.discriminatedUnion('kind', [
  z.strictObject({ ...about, kind: z.literal('opened'), reason, scope: scopeText }),
  z.strictObject({ ...about, kind: z.literal('released'), reason, follows }),
  z.object({ ...pass, kind: z.literal('held') }),
  z.object({ ...pass, kind: z.literal('lifted'), reason: reason.optional() }),
]);

type RecordText = z.infer<typeof record>;

/** Says why a text is no record of a matter. */
export interface Malformed {
  readonly problem: string;
}

/** Compiles a scope, or says the first thing that is wrong with it. */
export function readScope(text: ScopeText, cloud: CloudName): MatterScope | Malformed {
  const places = compilePlaces(text.match, cloud);
  if ('problem' in places) return { problem: `match: ${places.problem}` };
  const tags = new Map<string, Pattern>();
  for (const [name, glob] of Object.entries(text.tags ?? {})) {
    const pattern = compilePattern([glob], 'text');
    if ('problem' in pattern) return { problem: `tag ${name}: ${pattern.problem}` };
    tags.set(name, pattern);
  }
  const from = text.from === undefined ? undefined : new Date(text.from);
  const until = text.until === undefined ? undefined : new Date(text.until);
  if (from !== undefined && until !== undefined && from >= until) {
    return { problem: `no version is of a time from ${text.from} until ${text.until}: the end comes first` };
  }
  return { places, tags, from, until };
}

/** Returns a scope as it is written: the same for the same scope. */
export function scopeToText({ places, tags, from, until }: MatterScope): ScopeText {
  const written = [...tags].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    match: [...places.globs],
    ...(tags.size > 0 && {
      tags: Object.fromEntries(written.map(([name, { globs }]) => [name, globs.join('')])),
    }),
    ...(from !== undefined && { from: formatInstant(from) }),
    ...(until !== undefined && { until: formatInstant(until) }),
  };
}

/** Reads the text of a record, or says why it is none. */
export function parseMatterRecord(text: string, cloud: CloudName): MatterRecord | Malformed {
  const json = jsonIn(text);
  if (json === undefined) return { problem: 'it is not JSON' };
  const result = record.safeParse(json);
  if (!result.success) {
    return { problem: firstIssue(result.error, 'the record') };
  }
  return compile(result.data, cloud);
}

function compile({ matter: _form, ...text }: RecordText, cloud: CloudName): MatterRecord | Malformed {
  const at = new Date(text.at);
  if (text.kind !== 'opened') return { ...text, at };
  const scope = readScope(text.scope, cloud);
  return 'problem' in scope ? scope : { ...text, at, scope };
}

/** Returns the text of a record: the same record always makes the same text, in whatever order its parts were given. */
export function matterRecordText(written: MatterRecord): string {
  const { id, kind, at, by } = written;
  const { caller, callerFrom } = by;
  const head = { matter: 1, id, kind, at: formatInstant(at), by: { caller, callerFrom } };
  return `${JSON.stringify({ ...head, ...restOf(written) }, null, 2)}\n`;
}

function restOf(written: MatterRecord) {
  switch (written.kind) {
    case 'opened':
      return { reason: written.reason, scope: scopeToText(written.scope) };
    case 'released':
      return { reason: written.reason, follows: written.follows };
    default: {
      const { follows, complete, counts, withHolds, withoutHolds, partlyHeld, reason } = written;
      return { follows, complete, counts, withHolds, withoutHolds, partlyHeld, reason }; // JSON leaves out what is undefined
    }
  }
}
