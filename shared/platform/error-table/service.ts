import type { ErrorEntry } from './entry.ts';

/** The errors about what the storage service answers, and about reaching it. */
export const serviceErrors = {
  ACCESS_DENIED: {
    kind: 'permanent',
    message: '{operation} on {target} is not allowed',
    remedy: 'grant {action} to the role or user that Holdfast runs as',
  },
  CREDENTIALS_INVALID: {
    kind: 'permanent',
    message: '{operation} on {target}: the access key or its signature is refused ({code})',
    remedy:
      'check that the access key id, its secret and the security token are of this cloud, belong together, are enabled and have not expired',
  },
  ACCOUNT_BLOCKED: {
    kind: 'permanent',
    message: '{operation} on {target}: the service is closed to the account or the bucket ({code}: {detail})',
    remedy:
      'see the account in the console: overdue payments, a block for security, or the service not activated; no permission helps',
  },
  CLOCK_SKEWED: {
    kind: 'permanent',
    message: '{operation} on {target}: this machine and the service differ by more than 15 minutes',
    remedy: 'set the clock of this machine (NTP)',
  },
  NO_SUCH_BUCKET: {
    kind: 'permanent',
    message: '{operation}: bucket {address} does not exist',
    remedy:
      'check the name and the region, in the command and in the rules (`audit` and `deadLetters` name buckets, too)',
  },
  NO_SUCH_OBJECT: {
    kind: 'permanent',
    message: '{operation}: {target} does not exist ({code})',
    remedy: 'check key and version id',
  },
  IS_DELETE_MARKER: {
    kind: 'permanent',
    message: '{operation}: {target} is a delete marker, which carries no data and no retention',
    remedy: 'name the version id of the data',
  },
  NO_POLICY: {
    kind: 'permanent',
    message: '{operation}: bucket {target} has no such WORM policy',
    remedy: 'initiate a policy first, or read its current id',
  },
  POLICY_LOCKED: {
    kind: 'permanent',
    message: '{operation}: the WORM policy of {target} is locked; it can only be extended',
    remedy: 'nothing can undo a locked policy',
  },
  POLICY_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target}: the service refuses this WORM policy change ({detail})',
    remedy: 'an unlocked policy cannot be extended, and a locked one only lengthened',
  },
  IMMUTABLE: {
    kind: 'permanent',
    message: '{operation} on {target}: it is protected (FileImmutable)',
    remedy: 'nothing to do before its retention ends',
  },
  REQUEST_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target} is refused: {code} ({detail})',
    remedy: 'see the code in the documentation of the service; the request id helps its support',
  },
  THROTTLED: {
    kind: 'transient',
    message: '{operation} on {target} is throttled ({code})',
    remedy: 'it is retried; if it persists, lower the concurrency or ask for a higher QPS limit',
  },
  SERVICE_FAILED: {
    kind: 'transient',
    message: '{operation} on {target} failed in the service: {status} {code}',
    remedy: 'it is retried; if it persists, see the status page of the service',
  },
  UNREACHABLE: {
    kind: 'transient',
    message: '{operation} on {target}: no answer from {endpoint} ({reason})',
    remedy: 'check the endpoint, the network and the region; it is retried',
  },
  NO_TIME_LEFT: {
    kind: 'transient',
    message: '{operation} on {target} was not sent to {endpoint}: the time of the run is over',
    remedy: 'the next run does what is left; if it persists, raise the timeout of the function',
  },
  CERTIFICATE_INVALID: {
    kind: 'permanent',
    message: '{operation} on {target}: {endpoint} cannot prove that it is the service ({reason})',
    remedy:
      'check the endpoint; if a company gateway opens TLS, name its certificate authority in NODE_EXTRA_CA_CERTS',
  },
  PROXY_REFUSED: {
    kind: 'permanent',
    message: '{operation} on {target}: proxy {proxy} does not let it through to {endpoint} ({reason})',
    remedy:
      'correct HTTPS_PROXY or HTTP_PROXY (its address, user and password), or name the endpoint in NO_PROXY',
  },
  OUTAGE: {
    kind: 'transient',
    message: '{count} calls in a row failed, each after all its repetitions; the last one: {last}',
    remedy: 'wait until the service answers again, then run the same command: it goes on where it was',
  },
  CURSOR_INVALID: {
    kind: 'permanent',
    message: 'the list of versions cannot be entered at {cursor}: that is no place in such a list',
    remedy: 'begin the list anew: the record that holds the place is damaged, or of another version',
  },
  UNEXPECTED_REPLY: {
    kind: 'permanent',
    message: '{operation} on {target}: the reply cannot be understood ({reason})',
    remedy: 'report it with the request id; nothing was assumed from it',
  },
} as const satisfies Record<string, ErrorEntry>;
