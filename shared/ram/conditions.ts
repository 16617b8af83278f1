import { BlockList, isIP } from 'node:net';
import { matches } from './wildcard.ts';

/** This is what conditions can ask about a request. A fact that a request does not have is left out. */
export interface Facts {
  readonly 'acs:SourceIp'?: string;
  readonly 'acs:SecureTransport'?: boolean;
  readonly 'oss:Prefix'?: string;
  readonly 'oss:Delimiter'?: string;
  /** Whole days, begun ones counted, from now to the date that a request wants an object retained until. */
  readonly 'oss:object-remaining-retention-days'?: number;
}

const keys: readonly string[] = [
  'acs:SourceIp',
  'acs:SecureTransport',
  'oss:Prefix',
  'oss:Delimiter',
  'oss:object-remaining-retention-days',
] satisfies (keyof Facts)[];
export const isConditionKey = (key: string): key is keyof Facts => keys.includes(key);

type Fact = string | number | boolean;
interface Operator {
  /** Tells whether a value of a policy makes sense to it. */
  accepts(value: string): boolean;
  holds(fact: Fact, values: readonly string[]): boolean;
}

const some = (accepts: Operator['accepts'], test: (fact: Fact, value: string) => boolean): Operator => ({
  accepts,
  holds: (fact, values) => values.some((value) => test(fact, value)),
});
const anything = () => true;
const isNumber = (value: string) => /^-?\d+(?:\.\d+)?$/.test(value);
const isBoolean = (value: string) => value === 'true' || value === 'false';
const isRange = (value: string) => blockOf(value) !== undefined;

/**
 * The operators that are understood. One value has to fit, except where none may. Those that say "not" about strings
 * and numbers are missing: whether they hold for a request without the fact is documented nowhere.
 */
export const operators = {
  StringEquals: some(anything, (fact, value) => String(fact) === value),
  StringEqualsIgnoreCase: some(anything, (fact, value) => String(fact).toLowerCase() === value.toLowerCase()),
  StringLike: some(anything, (fact, value) => matches(value, String(fact))),
  NumericEquals: some(isNumber, (fact, value) => Number(fact) === Number(value)),
  NumericLessThan: some(isNumber, (fact, value) => Number(fact) < Number(value)),
  NumericLessThanEquals: some(isNumber, (fact, value) => Number(fact) <= Number(value)),
  NumericGreaterThan: some(isNumber, (fact, value) => Number(fact) > Number(value)),
  NumericGreaterThanEquals: some(isNumber, (fact, value) => Number(fact) >= Number(value)),
  Bool: some(isBoolean, (fact, value) => String(fact) === value),
  IpAddress: some(isRange, isWithin),
  NotIpAddress: {
    accepts: isRange,
    holds: (fact, values) => !values.some((value) => isWithin(fact, value)),
  },
} satisfies Record<string, Operator>;

export type OperatorName = keyof typeof operators;
export const isOperator = (name: string): name is OperatorName => Object.hasOwn(operators, name);

/** One line of a Condition: this key has to be in this relation to these values. */
export interface Condition {
  readonly operator: OperatorName;
  readonly key: keyof Facts;
  readonly values: readonly string[];
}

/** Judges a condition; one about a fact that the request does not have does not hold. */
export function holds({ operator, key, values }: Condition, facts: Facts): boolean {
  const fact = facts[key];
  return fact !== undefined && operators[operator].holds(fact, values);
}

function isWithin(fact: Fact, range: string): boolean {
  const address = String(fact).replace(/^::ffff:/, '');
  const family = isIP(address);
  return family !== 0 && blockOf(range)?.check(address, family === 4 ? 'ipv4' : 'ipv6') === true;
}

/** An address, or a range such as 10.0.0.0/8; undefined when it is neither. */
function blockOf(range: string): BlockList | undefined {
  const [address = '', prefix, ...rest] = range.split('/');
  const version = isIP(address);
  const bits = version === 4 ? 32 : 128;
  const length = prefix === undefined ? bits : Number(prefix);
  if (version === 0 || rest.length > 0 || !/^\d*$/.test(prefix ?? '') || length > bits) return undefined;
  const block = new BlockList();
  block.addSubnet(address, length, version === 4 ? 'ipv4' : 'ipv6');
  return block;
}
