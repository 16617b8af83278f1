import type { CloudName } from '../platform/address.ts';
import { digestOf } from '../platform/digest.ts';
import { patternOf } from './compiled-pattern.ts';
import type { PatternData, Rules } from './types.ts';

/*
 * Rules as checked data, written when a function is bundled, so that it parses no YAML, validates no schema and builds no
 * automaton when it starts. The data belong to one text: a hash says to which.
 */

/** The name of the file, beside the rules file. */
export const compiledFile = 'rules.compiled.json';

/** Another number for each change of what is written: data of another form are not used. */
const format = 5;

/** Returns the rules, with the cloud that they were narrowed to and the hash of the text that they were read from, as JSON. */
export function writeCompiled(rules: Rules, source: string | Uint8Array, cloud: CloudName = 'oss'): string {
  // Dates have a toJSON that would run before the replacer, so the value is looked up where it stands.
  const plain = function (this: unknown, key: string, value: unknown): unknown {
    const own: unknown = typeof this === 'object' && this !== null ? Reflect.get(this, key) : value;
    if (own instanceof Date) return { $date: own.getTime() };
    if (own instanceof Map) return { $map: [...own] };
    return isPattern(own) ? { $pattern: own.data } : own;
  };
  return `${JSON.stringify({ format, cloud, source: hashOf(source), rules }, plain)}\n`;
}

/** Returns the rules of compiled data; undefined when the data are of another form, for another cloud, or were made from another text. */
export function readCompiled(data: string, source: Uint8Array, cloud: CloudName = 'oss'): Rules | undefined {
  const file: unknown = revived(JSON.parse(data));
  return isCompiledFrom(file, hashOf(source), cloud) ? file.rules : undefined;
}

const hashOf = (source: string | Uint8Array): string => digestOf('sha256', source, 'hex');

/** The form is trusted where the number and the hash agree: the file was written by this very module from checked rules. */
function isCompiledFrom(file: unknown, hash: string, cloud: CloudName): file is { readonly rules: Rules } {
  return (
    isObject(file) &&
    file['format'] === format &&
    file['cloud'] === cloud &&
    file['source'] === hash &&
    typeof file['rules'] === 'object'
  );
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;

const isPattern = (value: unknown): value is { readonly data: PatternData } =>
  isObject(value) && 'data' in value && typeof value['matches'] === 'function';

/** Puts dates, maps and patterns where their data stand. A reviver of JSON.parse takes three times as long for a thousand rules. */
function revived(value: unknown): unknown {
  if (!isObject(value)) return value;
  for (const key in value) value[key] = revived(value[key]);
  if (typeof value['$date'] === 'number') return new Date(value['$date']);
  if (isEntries(value['$map'])) return new Map(value['$map']);
  return isPatternData(value['$pattern']) ? patternOf(value['$pattern']) : value;
}

const isEntries = (value: unknown): value is [unknown, unknown][] => Array.isArray(value);

const isPatternData = (value: unknown): value is PatternData => isObject(value) && 'positive' in value;
