import type { OperationName } from '../ram/actions.ts';
import type { Happening } from './events.ts';
import type { Reply } from './reply.ts';
import type { Call } from './request.ts';
import type { Store } from './store/store.ts';

/** This is what operations work on. */
export interface Cloud {
  readonly region: string;
  readonly accountId: string;
  readonly store: Store;
  now(): Date;
  /** Raises an event; call it after the effect. */
  announce(call: Call, happening: Happening): void;
}

/** One API operation: which requests it answers, and how. */
export interface Operation {
  /** The API's own name. It has to have its permissions in ram/actions.ts. */
  readonly name: OperationName;
  readonly method: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'OPTIONS';
  readonly on: 'service' | 'bucket' | 'object';
  /** Query parameters that must be there: the sub-resource. */
  readonly requires?: readonly string[];
  /** Query parameters that may be there. */
  readonly allows?: readonly string[];
  /** A header that must be there. */
  readonly requiresHeader?: string;
  /** It runs also where the bucket does not exist: it makes the bucket, or answers before it looks for it. */
  readonly runsWithoutBucket?: boolean;
  /** The x-oss-… headers it understands; a trailing `*` stands for any ending. */
  readonly headers?: readonly string[];
  /** Headers that would change its meaning and are not implemented, besides those of names.ts. */
  readonly refuses?: readonly string[];
  run(call: Call, cloud: Cloud): Reply | Promise<Reply>;
}
