import type { ErrorEntry } from './entry.ts';

/** The errors about invoking functions. */
export const functionErrors = {
  NO_SUCH_FUNCTION: {
    kind: 'permanent',
    message: 'there is no function {name} at {endpoint}',
    remedy: 'check the name, the region and the account; `s deploy` deploys the functions of s.yaml',
  },
  INVOKE_REFUSED: {
    kind: 'permanent',
    message: '{operation} of function {name} is refused: {code} ({detail})',
    remedy: 'see the code in the documentation of Function Compute; the request id helps Alibaba support',
  },
  INVOKE_FAILED: {
    kind: 'transient',
    message: '{operation} of function {name} failed in the service: {status} {code} ({detail})',
    remedy: 'try again; if it persists, see the status page of Function Compute',
  },
  FUNCTION_NOT_BUILT: {
    kind: 'permanent',
    message: 'function {name} is not built: there is no {file}',
    remedy: 'run `npm run build`, or name a function that is there',
  },
} as const satisfies Record<string, ErrorEntry>;
