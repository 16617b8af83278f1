import type { IamNeed } from '../iam/need.ts';
import type { Cloud, Operation } from '../oss/operation.ts';
import type { Reply } from '../oss/reply.ts';
import type { Call } from '../oss/request.ts';
import type { Dialect } from './dialect.ts';
import type { ObsQuirks } from './quirks.ts';

/** This is what the operations of OBS work on. */
export interface ObsCloud extends Cloud {
  quirks(): ObsQuirks;
}

/** One authenticated request. Its headers have the names that the shared core knows. */
export interface ObsCall extends Call {
  readonly dialect: Dialect;
  /** Tells whether the sender may do something that does not show before the body is read, or in the reply alone. */
  may(need: IamNeed): boolean;
}

/** One operation of the OBS API: which requests it answers, and how. */
export interface ObsOperation {
  /** The API's own name. */
  readonly name: string;
  readonly method: Operation['method'];
  readonly on: 'service' | 'bucket' | 'object';
  /** Query parameters that must be there: the sub-resource. */
  readonly requires?: readonly string[];
  /** Query parameters that may be there. */
  readonly allows?: readonly string[];
  /** A header that must be there, by its name in the shared core. */
  readonly requiresHeader?: string;
  /** The headers it understands, by their names in the shared core; a trailing `*` stands for any ending. */
  readonly headers?: readonly string[];
  run(call: ObsCall, cloud: ObsCloud): Reply | Promise<Reply>;
}
