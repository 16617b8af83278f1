import { refuse } from '../errors.ts';
import type { Call } from '../request.ts';
import type { ObjectVersion } from '../state.ts';

/** This is what a request asks of an object before it reads or copies it; dates as sent. */
interface Conditions {
  readonly match: string | undefined;
  readonly noneMatch: string | undefined;
  readonly modifiedSince: string | undefined;
  readonly unmodifiedSince: string | undefined;
}

/** Those of a read: If-Match and its like. */
export function readConditions({ headers }: Call): Conditions {
  return {
    match: headers['if-match'],
    noneMatch: headers['if-none-match'],
    modifiedSince: headers['if-modified-since'],
    unmodifiedSince: headers['if-unmodified-since'],
  };
}

export const copyConditionHeaders = [
  'x-oss-copy-source-if-match',
  'x-oss-copy-source-if-none-match',
  'x-oss-copy-source-if-modified-since',
  'x-oss-copy-source-if-unmodified-since',
];

/** Those that a copy asks of its source. */
export function copyConditions({ headers }: Call): Conditions {
  const [match, noneMatch, modifiedSince, unmodifiedSince] = copyConditionHeaders.map(
    (name) => headers[name],
  );
  return { match, noneMatch, modifiedSince, unmodifiedSince };
}

/** Checks the conditions of a request; a date that cannot be read asks nothing. @throws PreconditionFailed, NotModified */
export function checkConditions(conditions: Conditions, { etag, lastModified }: ObjectVersion): void {
  const { match, noneMatch, modifiedSince, unmodifiedSince } = conditions;
  const names = (list: string) =>
    list.split(',').some((each) => ['*', etag].includes(each.trim().replace(/"/g, '')));
  const time = lastModified.getTime();
  if (match !== undefined && !names(match)) throw failed('If-Match');
  if (unmodifiedSince !== undefined && time > Date.parse(unmodifiedSince))
    throw failed('If-Unmodified-Since');
  const isUnchanged =
    (noneMatch !== undefined && names(noneMatch)) ||
    (modifiedSince !== undefined && time <= Date.parse(modifiedSince));
  if (isUnchanged) throw refuse('NotModified', { headers: { ETag: `"${etag}"` } });
}

/** Names the condition; ali-oss shows it to its users. */
function failed(condition: string) {
  return refuse('PreconditionFailed', { details: { Condition: condition } });
}
