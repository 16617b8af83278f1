import { child, isMap } from '../../shared/rules/schema-walk.ts';

/**
 * Values of the form that a JSON Schema describes which together use every key of every branch. They are well-formed;
 * whether they make sense together is another matter.
 */
export function samples(schema: unknown): unknown[] {
  const forms = child(schema, 'anyOf') ?? child(schema, 'oneOf');
  if (Array.isArray(forms)) return forms.flatMap(samples);
  const examples = child(schema, 'examples');
  if (Array.isArray(examples)) return examples.slice(0, 1);
  for (const fixed of [child(schema, 'const'), child(schema, 'enum')].flat()) {
    if (fixed !== undefined) return [fixed];
  }
  switch (child(schema, 'type')) {
    case 'object':
      return objects(schema);
    case 'array':
      return [samples(child(schema, 'items'))];
    case 'integer':
    case 'number':
      return [child(schema, 'minimum') ?? 1];
    case 'boolean':
      return [false];
    default:
      return ['a'];
  }
}

/** As many as the key with the most forms needs, each with all keys. */
function objects(schema: unknown): unknown[] {
  const properties = child(schema, 'properties');
  if (!isMap(properties)) return [{ t: samples(child(schema, 'additionalProperties'))[0] }];
  const values = Object.entries(properties).map(([key, inner]) => [key, samples(inner)] as const);
  const count = Math.max(...values.map(([, forms]) => forms.length));
  return Array.from({ length: count }, (_, index) =>
    Object.fromEntries(values.map(([key, forms]) => [key, forms[index % forms.length]])),
  );
}

/** Every key that a JSON Schema knows. */
export function schemaKeys(schema: unknown): string[] {
  if (Array.isArray(schema)) return schema.flatMap(schemaKeys);
  if (!isMap(schema)) return [];
  const properties = child(schema, 'properties');
  return [
    ...(isMap(properties) ? Object.keys(properties) : []),
    ...Object.values(schema).flatMap(schemaKeys),
  ];
}
