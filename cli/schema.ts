import type { Command } from 'commander';
import { distance } from 'fastest-levenshtein';
import { stringify } from 'yaml';
import { type JsonSchema, rulesSchema } from '../shared/rules/schema-tree.ts';
import { usage } from './options/usage.ts';
import { color, type Report, show, table } from './terminal/output.ts';

interface Options {
  readonly json?: boolean;
  readonly outputs?: boolean;
}

export function configure(command: Command): void {
  command
    .argument('[key]', 'such as objects.retain or buckets.policy.lock; without it: the whole file')
    .addHelpText(
      'after',
      '\nIt is the schema that checks the rules file; `holdfast validate --print-schema` prints it for editors.',
    )
    .option('--outputs', 'print the JSON Schema of what every command prints with --json')
    .action(async (key: string | undefined, options: Options) => {
      if (options.outputs !== true) return show(describe(key), options);
      if (key !== undefined) throw usage('--outputs prints the schema of all outputs: leave the key out');
      const { outputJsonSchema } = await import('./documents/index.ts');
      process.stdout.write(outputJsonSchema());
    });
}

/** Describes a key of the rules file: what it means, its forms, an example, and the keys below it. @throws USAGE */
function describe(key: string | undefined): Report {
  const path = (key ?? '')
    .replaceAll('[]', '')
    .split('.')
    .filter((step) => step !== '');
  const found = path.reduce<readonly JsonSchema[]>(
    (here, step, index) => below(here, step, path.slice(0, index)),
    [rulesSchema()],
  );
  const name = path.join('.');
  const about = found.flatMap(({ description }) => description ?? []);
  const rows = keysOf(found).map(([child, value, required]) => [
    child,
    required ? 'yes' : 'no',
    formOf(value),
    value.description ?? '',
  ]);
  const example = examplesOf(path, found);
  const forms = [...new Set(found.map(formOf))];
  return {
    text: [
      color.bold(name === '' ? 'the rules file' : name),
      ...about,
      `value: ${forms.join(', or ')}`,
      ...(rows.length === 0 ? [] : ['', table(['key', 'required', 'value', 'meaning'], rows)]),
      '',
      color.bold('Example'),
      example,
    ].join('\n'),
    json: {
      key: name,
      meaning: about.join(' '),
      value: forms,
      keys: rows.map(([child, needed, form, meaning]) => ({
        key: child,
        required: needed === 'yes',
        value: form,
        meaning,
      })),
      example,
    },
  };
}

/** The schemas that a key leads to; lists and alternatives are followed. */
function below(here: readonly JsonSchema[], step: string, above: readonly string[]): readonly JsonSchema[] {
  const found = here
    .flatMap(alternatives)
    .flatMap(({ properties }) =>
      properties !== undefined && Object.hasOwn(properties, step) ? (properties[step] ?? []) : [],
    );
  if (found.length > 0) return distinct(found);
  const names = keysOf(here).map(([name]) => name);
  const near = names.toSorted((one, other) => distance(step, one) - distance(step, other))[0];
  const isNear = near !== undefined && distance(step, near) <= Math.max(1, Math.floor(step.length / 2));
  const where = above.length === 0 ? 'the rules file' : above.join('.');
  const hint = isNear ? `; did you mean "${[...above, near].join('.')}"?` : '';
  const has = names.length === 0 ? 'has no keys' : `has ${names.join(', ')}`;
  throw usage(`there is no key "${step}": ${where} ${has}${hint}`);
}

/** Lists the keys of the rules file with their paths, such as `objects.retain`, each behind the one that it is in. */
export const rulesKeys = (): readonly string[] => pathsBelow([rulesSchema()], '');

const pathsBelow = (here: readonly JsonSchema[], above: string): readonly string[] =>
  keysOf(here).flatMap(([name]) => {
    const path = `${above}${name}`;
    const next = here.flatMap(alternatives).flatMap(({ properties }) => properties?.[name] ?? []);
    return [path, ...pathsBelow(distinct(next), `${path}.`)];
  });

/** A schema as the forms that its value may have; of a list, those of its items. */
function alternatives(schema: JsonSchema): readonly JsonSchema[] {
  if (schema.anyOf !== undefined) return schema.anyOf.flatMap(alternatives);
  if (schema.items !== undefined) return alternatives(schema.items);
  return [schema];
}

type Key = readonly [name: string, value: JsonSchema, required: boolean];

function keysOf(here: readonly JsonSchema[]): Key[] {
  const maps = here.flatMap(alternatives).filter(({ properties }) => properties !== undefined);
  const keys = new Map<string, Key>();
  for (const { properties = {}, required = [] } of maps) {
    for (const [name, value] of Object.entries(properties)) {
      const isRequired = maps.length === 1 && required.includes(name) && value.default === undefined;
      if (!keys.has(name)) keys.set(name, [name, value, isRequired]);
    }
  }
  return [...keys.values()];
}

const distinct = (schemas: readonly JsonSchema[]): JsonSchema[] => [
  ...new Map(schemas.map((each) => [JSON.stringify(each), each])).values(),
];

/** Says what a value looks like, in few words. */
function formOf(schema: JsonSchema): string {
  const fallback = schema.default === undefined ? '' : ` (default ${JSON.stringify(schema.default)})`;
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `${schema.enum.map(String).join(' or ')}${fallback}`;
  if (schema.anyOf !== undefined) return `${[...new Set(schema.anyOf.map(formOf))].join(', or ')}${fallback}`;
  if (schema.items !== undefined) return `list of ${formOf(schema.items)}`;
  if (schema.properties !== undefined) return `map of ${Object.keys(schema.properties).join(', ')}`;
  if (typeof schema.additionalProperties === 'object') return 'map of names to values';
  if (schema.examples !== undefined) return `such as ${schema.examples.map(String).join(', ')}${fallback}`;
  return `${words[schema.type ?? ''] ?? schema.type ?? 'anything'}${fallback}`;
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  number: 'number',
  boolean: 'true or false',
};

/** Keys whose value the schema has no example of, and what somebody might write. */
const written: Readonly<Record<string, unknown>> = {
  name: 'finance',
  bucket: 'fin-*',
  key: 'ledger/**',
  forTag: 'retain-for',
  untilTag: 'retain-until',
  fromTag: 'closed-on',
};

/** An example of each form as it stands in a rules file, in YAML, with the keys above it. */
function examplesOf(path: readonly string[], found: readonly JsonSchema[]): string {
  const forms = distinct(found.flatMap(({ anyOf, ...rest }) => anyOf ?? [rest]));
  return [
    ...new Set(forms.map((form) => stringify(under(path, sampleOf(form, path.at(-1)))).trimEnd())),
  ].join('\n\n');
}

/** Puts a value below its keys; rules stand in lists. */
const under = (path: readonly string[], value: unknown): unknown =>
  path.toReversed().reduce<unknown>((inner, step) => {
    const isItem = ['objects', 'buckets', 'defaults'].includes(step) && !Array.isArray(inner);
    return { [step]: isItem ? [inner] : inner };
  }, value);

/** A value that the schema accepts in form: what it must have, and what it may have of one level. */
function sampleOf(schema: JsonSchema, name: string | undefined): unknown {
  const { anyOf, items, properties, additionalProperties } = schema;
  if (anyOf !== undefined) return sampleOf(anyOf[0] ?? {}, name);
  if (items !== undefined) return [sampleOf(items, name)];
  if (properties !== undefined) return sampleOfMap(properties, schema.required ?? []);
  if (typeof additionalProperties === 'object') return { class: 'finance' };
  return sampleOfScalar(schema, name);
}

function sampleOfMap(properties: Readonly<Record<string, JsonSchema>>, required: readonly string[]): unknown {
  const keys = Object.entries(properties);
  const needed = keys.filter(([key]) => required.includes(key));
  const chosen = needed.length > 0 ? needed : keys.slice(0, 2);
  return Object.fromEntries(chosen.map(([key, value]) => [key, sampleOf(value, key)]));
}

function sampleOfScalar(schema: JsonSchema, name = ''): unknown {
  if (schema.const !== undefined) return schema.const;
  if (schema.enum !== undefined) return schema.enum[0];
  // Of durations the examples go from days to years, and then to ISO 8601.
  if (schema.examples !== undefined) return schema.examples.includes('7y') ? '7y' : schema.examples[0];
  return written[name] ?? scalars[schema.type ?? ''] ?? 'text';
}

const scalars: Readonly<Record<string, unknown>> = { integer: 365, number: 1, boolean: true };
