import type { Addressing, RequestAddress } from './address.ts';
import type { OssCredentials } from './options.ts';
import type { HeaderPair } from './signature.ts';
import type { ReplyHeaders, WireRequest } from './wire.ts';

/** The parts of one request that a signature may cover. */
export interface SignedParts {
  readonly method: WireRequest['method'];
  readonly address: RequestAddress;
  /** It is written by `queryText`. */
  readonly query: string;
  /** The parameters of the query; those that are `undefined` are not sent. */
  readonly parameters: Readonly<Record<string, string | undefined>>;
  readonly type: string;
  readonly body: string | Buffer | undefined;
  /** Further headers of the request, which are sent whether they are signed or not. Names in lower case. */
  readonly further: Readonly<Record<string, string>>;
}

/**
 * This is what differs between object stores on the wire: where requests go, how they are signed, and by what replies
 * are known.
 */
export interface ServiceWire {
  readonly endpoint: URL;
  readonly addressOf: Addressing;
  /** Gives `authorization` and the headers that belong to it. */
  sign(parts: SignedParts, now: Date, credentials: OssCredentials): readonly HeaderPair[];
  readonly requestIdHeader: string;
  /** Tells whether the headers are those of the service itself. */
  isOwn(headers: ReplyHeaders): boolean;
}
