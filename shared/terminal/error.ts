import { type ErrorCode, HoldfastError } from '../platform/errors.ts';
import { errorColor } from './color.ts';
import { errorFormat } from './document.ts';
import { note, printJson, toJson } from './print.ts';

/** These codes say that what the caller gave is wrong: the exit code is 2. */
const usageCodes: ReadonlySet<ErrorCode> = new Set([
  'USAGE',
  'ADDRESS_CLOUD',
  'ADDRESS_SCHEME',
  'APPROVAL_PLAN_INVALID',
  'CONFIG_INVALID',
  'DISPOSITION_PLAN_INVALID',
  'FAULTS_INVALID',
  'FILE_UNREADABLE',
  'FILES_THERE',
  'IAM_POLICY_INVALID',
  'NO_RULE_FOR_CLOUD',
  'PLAN_INVALID',
  'PRICES_INVALID',
  'PROFILE_INVALID',
  'PROFILE_UNKNOWN',
  'PROFILES_INVALID',
  'RAM_POLICY_INVALID',
  'RAM_POLICY_NOT_IMPLEMENTED',
  'REPORT_INVALID',
  'RULES_INVALID',
  'RULES_UNREADABLE',
  'TEMPLATE_INVALID',
  'TESTS_INVALID',
  'TEXT_ENCODING',
]);

/** Says what went wrong and what to do, never a stack trace, and sets the exit code. */
export function showError(error: unknown, json: boolean): void {
  const { code, message, remedy } = describeError(error);
  if (json) printJson(toJson({ format: errorFormat, error: { code, message, remedy } }));
  else {
    const { red, bold } = errorColor;
    note(`${red(bold(`error ${code}:`))} ${message}\n${bold('what to do:')} ${remedy}`);
  }
  process.exitCode = exitCodeOf(error);
}

/** Returns the exit code of a command that ends with this error: 2 where what the caller gave is wrong, else 1. */
export const exitCodeOf = (error: unknown): 1 | 2 =>
  error instanceof HoldfastError && usageCodes.has(error.code) ? 2 : 1;

/** Errors about which the first question is whose key was used. */
const keyCodes: ReadonlySet<ErrorCode> = new Set(['ACCESS_DENIED', 'ACCOUNT_BLOCKED', 'CREDENTIALS_INVALID']);

let keyInUse: (() => string) | undefined;

/** From now on errors about permissions and keys say which key was used, and where it comes from; undefined ends that. */
export function nameKeyInErrors(inWords: (() => string) | undefined): void {
  keyInUse = inWords;
}

/** Returns an error as people and machines are told of it. */
export function describeError(error: unknown): { code: string; message: string; remedy: string } {
  if (error instanceof HoldfastError) {
    const { code, message, remedy, reply } = error;
    const id = reply.requestId === undefined ? '' : ` (request id ${reply.requestId})`;
    const key = keyInUse !== undefined && keyCodes.has(code) ? `; ${keyInUse()}` : '';
    return { code, message: `${message}${key}${id}`, remedy };
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'UNEXPECTED',
    message,
    remedy: 'this is a mistake in Holdfast: report it with what you ran',
  };
}
