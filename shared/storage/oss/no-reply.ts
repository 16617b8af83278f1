import type { TimeLimit } from './wire.ts';

/** The reasons for which a request can have no reply that can be used. */
export type NoReplyProblem =
  /** No address, no connection, a timeout, a connection that broke. `notSent`: the service got nothing of it. */
  | { readonly kind: 'unreachable'; readonly reason: string; readonly notSent: boolean }
  /** The time of the work was over before the request began. */
  | { readonly kind: 'no-time' }
  /** TLS: the server cannot prove that it is the one asked for. */
  | { readonly kind: 'certificate'; readonly reason: string }
  /** A proxy does not let the request through. `proxy` has no user and password in it. */
  | { readonly kind: 'proxy'; readonly proxy: string; readonly reason: string }
  /** Something answered that does not speak HTTP, or says more than is read. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly status: number };

/** A request ended without a reply that can be used. It holds words only, nothing of what was sent. */
export class NoReply extends Error {
  override readonly name = 'NoReply';

  constructor(readonly problem: NoReplyProblem) {
    super('reason' in problem ? problem.reason : 'no time is left');
  }
}

/** Returns the words for a body that goes beyond a bound. @param bound in bytes */
export function tooLarge(bound: number): string {
  return `the reply is larger than ${bound} bytes, the most that is read of it`;
}

/** Returns the problem of a request whose time is over. @param notSent the service got nothing of it */
export function timeOver({ ms, isDeadline }: TimeLimit, notSent: boolean): NoReply {
  const whose = isDeadline ? 'all that was left of the time' : 'the limit of one request';
  return new NoReply({ kind: 'unreachable', reason: `timeout after ${ms} ms, ${whose}`, notSent });
}

/** Returns the problem of a reply that began and did not come to its end. */
export function cutShort(): NoReply {
  return new NoReply({ kind: 'unreachable', reason: 'the reply was cut short', notSent: false });
}

/** Returns the problem of a reply whose status is none of HTTP. */
export function noStatus(status: number): NoReply {
  return new NoReply({ kind: 'unreadable', reason: `no HTTP: ${status} is no status of a reply`, status: 0 });
}

/** Certificates that do not hold, by Node's codes: OpenSSL's X509 results, and Node's own check of the host name. */
const certificateCodes =
  /^(CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH|HOSTNAME_MISMATCH|ERR_TLS_CERT)/;

/**
 * Tells what an error of Node's HTTP client means. Only its words are kept: Node hangs parts of the request and the
 * reply on it.
 */
export function noReplyOf(error: unknown): NoReply {
  if (error instanceof NoReply) return error;
  if (!(error instanceof Error)) {
    return new NoReply({ kind: 'unreachable', reason: 'unknown reason', notSent: false });
  }
  const { code, syscall }: NodeJS.ErrnoException = error;
  const reason = reasonOf(error);
  if (typeof code === 'string') {
    if (code.startsWith('HPE_'))
      return new NoReply({ kind: 'unreadable', reason: `no HTTP: ${reason}`, status: 0 });
    if (certificateCodes.test(code)) return new NoReply({ kind: 'certificate', reason });
  }
  return new NoReply({
    kind: 'unreachable',
    reason,
    notSent: syscall === 'connect' || syscall === 'getaddrinfo',
  });
}

/** Finds a reason. When all addresses of a name fail, Node's error has no message of its own but one error for each. */
function reasonOf(error: Error): string {
  if (!(error instanceof AggregateError)) return error.message;
  const errors: unknown[] = error.errors;
  return errors.map((each) => (each instanceof Error ? each.message : 'unknown reason')).join('; ');
}
