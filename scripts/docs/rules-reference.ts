import { type JsonSchema, rulesSchema } from '../../shared/rules/schema-tree.ts';
import { markdownTable } from './sections.ts';

/** Says whether a key is about whole buckets. */
const isOfBuckets = (path: string): boolean => /^(?:buckets|defaults)/.test(path);

/** The keys of rules for whole buckets, from the schema that checks the rules file. */
export const bucketKeys = (): string => reference(isOfBuckets);

/** The keys below `approvals`, from the schema that checks the rules file. */
export const approvalKeys = (): string => reference((path) => path.startsWith('approvals'));

/** The keys of the rules file but for those, from the schema that checks it. */
export const objectKeys = (): string =>
  reference((path) => !isOfBuckets(path) && !path.startsWith('approvals'));

function reference(isWanted: (path: string) => boolean): string {
  const all = sections({ path: '', form: undefined }, rulesSchema());
  return withoutRepeats(all.filter(({ path }) => isWanted(path)))
    .map(({ path, form: told, table }) => {
      const title = path === '' ? 'The file' : `\`${path}\`${told === undefined ? '' : ` with ${told}`}`;
      return `## ${title}\n\n${table}`;
    })
    .join('\n\n');
}

interface Place {
  readonly path: string;
  /** Names the form of the map, of one that has several, or of one above it. */
  readonly form: string | undefined;
}

interface Section extends Place {
  readonly table: string;
}

/** Leaves one of the sections that several forms have alike, without a form. */
function withoutRepeats(all: readonly Section[]): readonly Section[] {
  const isAlike = (one: Section) => (other: Section) => one.path === other.path && one.table === other.table;
  return all.flatMap((each, index) => {
    if (all.findIndex(isAlike(each)) < index) return [];
    return all.filter(isAlike(each)).length === 1 ? [each] : [{ ...each, form: undefined }];
  });
}

/** One section for each map, and for each form of it where there are several. */
function sections({ path, form: above }: Place, map: JsonSchema): Section[] {
  const keys = Object.entries(map.properties ?? {});
  const rows = keys.map(([key, value]) => [
    `\`${key}\``,
    map.required?.includes(key) === true && value.default === undefined ? 'yes' : 'no',
    form(value),
    value.description ?? '',
  ]);
  const below = keys.flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return mapsOf(value).flatMap(({ suffix, form: own = above, map: inner }) =>
      sections({ path: `${name}${suffix}`, form: own }, inner),
    );
  });
  const table = markdownTable(['key', 'required', 'value', 'meaning'], rows);
  return [{ path, form: above, table }, ...below];
}

interface Below {
  readonly suffix: string;
  readonly form?: string;
  readonly map: JsonSchema;
}

/** The maps that a value may be or hold; of several each is told by the keys of its own. */
function mapsOf(value: JsonSchema): Below[] {
  if (value.properties !== undefined) return [{ suffix: '', map: value }];
  if (value.items !== undefined) {
    return mapsOf(value.items).map((below) => ({ ...below, suffix: `[]${below.suffix}` }));
  }
  const forms = (value.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  return forms.map((map) => ({ suffix: '', map, ...(forms.length > 1 && { form: ownKeys(map, forms) }) }));
}

/**
 * Names the keys that this form must have and no other form must have.
 * @throws Error where there is none, since nothing would tell the form apart
 */
function ownKeys(map: JsonSchema, forms: readonly JsonSchema[]): string {
  const others = forms.filter((form) => form !== map).flatMap(({ required = [] }) => required);
  const own = (map.required ?? []).filter((key) => !others.includes(key));
  if (own.length === 0) throw new Error(`nothing tells a form apart: ${Object.keys(map.properties ?? {})}`);
  return own.map((key) => `\`${key}\``).join(' and ');
}

/** What a value looks like, in few words. */
function form(value: JsonSchema): string {
  const fallback = value.default === undefined ? '' : `; default \`${JSON.stringify(value.default)}\``;
  return `${bareForm(value)}${fallback}`;
}

function bareForm(value: JsonSchema): string {
  if (value.const !== undefined) return `\`${JSON.stringify(value.const)}\``;
  if (value.enum !== undefined) return value.enum.map((each) => `\`${String(each)}\``).join(' or ');
  if (value.anyOf !== undefined) return [...new Set(value.anyOf.map(bareForm))].join(', or ');
  if (value.items?.properties !== undefined) return 'list of maps';
  if (value.type === 'array')
    return `list of ${value.items === undefined ? 'anything' : bareForm(value.items)}`;
  if (value.properties !== undefined) return 'map';
  if (typeof value.additionalProperties === 'object') return 'map of names to values';
  if (value.examples !== undefined)
    return `such as ${value.examples.map((each) => `\`${each}\``).join(', ')}`;
  return words[value.type ?? ''] ?? value.type ?? 'anything';
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'whole number',
  boolean: '`true` or `false`',
};
