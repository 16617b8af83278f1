import { parsePolicy } from '../../shared/ram/policy.ts';

/** Parameters of a call, as text. */
export type RamParameters = Readonly<Record<string, string | undefined>>;

/** One action of the API: what it answers, or a refusal. */
export type RamAction = (parameters: RamParameters) => Readonly<Record<string, unknown>>;

/** A call that RAM refuses, with the service's code (RAM 2015-05-01, error codes). */
export class RamRefusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** @throws RamRefusal when the call has no such parameter */
export function required(parameters: RamParameters, name: string): string {
  const value = parameters[name];
  if (value) return value;
  throw new RamRefusal(400, `MissingParameter.${name}`, `The parameter ${name} is required.`);
}

/** Reads the name of something new. @throws RamRefusal when it has other characters than names have */
export function nameOf(parameters: RamParameters, field: 'RoleName' | 'PolicyName'): string {
  const name = required(parameters, field);
  if (/^[A-Za-z0-9][A-Za-z0-9.-]{0,127}$/.test(name)) return name;
  const code = `InvalidParameter.${field}.InvalidChars`;
  throw new RamRefusal(400, code, `${field} has other characters than letters, digits and -.`);
}

/** Reads the document of a policy. @throws RamRefusal when it is none that the embedded cloud can judge */
export function documentOf(text: string, name: string): string {
  try {
    parsePolicy(text, `policy ${name}`);
    return text;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new RamRefusal(400, 'MalformedPolicyDocument', reason);
  }
}
