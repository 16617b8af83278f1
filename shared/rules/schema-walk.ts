import * as z from 'zod';
import type { Path } from './problem.ts';

export type Schema = z.core.$ZodType;

export function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Returns the value under a key or a list index; undefined where there is none. */
export function child(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  return isMap(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

/** Returns the schema of what the path leads to; undefined where the schema knows nothing. */
export function schemaAt(schema: Schema | undefined, path: Path): Schema | undefined {
  return path.reduce<Schema | undefined>(
    (at, step) => (at === undefined ? undefined : stepInto(at, step)),
    schema,
  );
}

/** Returns the keys that a map may have. */
export function keysOfMap(schema: Schema | undefined): string[] {
  const plain = schema && unwrapped(schema);
  return plain instanceof z.ZodObject ? Object.keys(plain.shape) : [];
}

/** Returns the forms that a value may have. */
export function optionsOf(schema: Schema | undefined): readonly Schema[] {
  const plain = schema && unwrapped(schema);
  return plain instanceof z.ZodUnion ? plain.options : [];
}

/** Returns the path of every key that a schema knows; `[]` stands for any item of a list. */
export function keyPlaces(schema: Schema): string[][] {
  const plain = unwrapped(schema);
  if (plain instanceof z.ZodObject) {
    return Object.entries<Schema>(plain.shape).flatMap(([key, inner]) => [
      [key],
      ...keyPlaces(inner).map((place) => [key, ...place]),
    ]);
  }
  if (plain instanceof z.ZodArray) return keyPlaces(plain.element).map((place) => ['[]', ...place]);
  return optionsOf(plain).flatMap(keyPlaces);
}

function stepInto(schema: Schema, step: string | number): Schema | undefined {
  const plain = unwrapped(schema);
  if (plain instanceof z.ZodObject) return plain.shape[step];
  if (plain instanceof z.ZodArray) return plain.element;
  if (plain instanceof z.ZodRecord) return plain.valueType;
  return optionsOf(plain)
    .map((option) => stepInto(option, step))
    .find((found) => found !== undefined);
}

/** Takes off the wrappers of optional keys, defaults and transforms. */
function unwrapped(schema: Schema): Schema {
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault) {
    return unwrapped(schema.unwrap());
  }
  return schema instanceof z.ZodPipe ? unwrapped(schema.in) : schema;
}
