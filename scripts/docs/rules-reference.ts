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
  const all = sections('', rulesSchema());
  return all.flatMap(({ path, text }) => (isWanted(path) ? [text] : [])).join('\n\n');
}

interface Section {
  readonly path: string;
  readonly text: string;
}

/** One section for each map, and for each form of it where there are several. */
function sections(path: string, map: JsonSchema): Section[] {
  const keys = Object.entries(map.properties ?? {});
  const rows = keys.map(([key, value]) => [
    `\`${key}\``,
    map.required?.includes(key) === true && value.default === undefined ? 'yes' : 'no',
    form(value),
    value.description ?? '',
  ]);
  const below = keys.flatMap(([key, value]) => {
    const name = path === '' ? key : `${path}.${key}`;
    return mapsOf(value).flatMap(({ suffix, map: inner }) => sections(`${name}${suffix}`, inner));
  });
  const title = path === '' ? 'The file' : `\`${path}\``;
  const text = `## ${title}\n\n${markdownTable(['key', 'required', 'value', 'meaning'], rows)}`;
  return [{ path, text }, ...below];
}

interface Below {
  readonly suffix: string;
  readonly map: JsonSchema;
}

/** The maps that a value may be or hold; of several each is told by the keys of its own. */
function mapsOf(value: JsonSchema): Below[] {
  if (value.properties !== undefined) return [{ suffix: '', map: value }];
  if (value.items !== undefined) {
    return mapsOf(value.items).map(({ suffix, map }) => ({ suffix: `[]${suffix}`, map }));
  }
  const forms = (value.anyOf ?? []).filter(({ properties }) => properties !== undefined);
  return forms.map((map) => ({ suffix: forms.length === 1 ? '' : ` with ${own(map, forms)}`, map }));
}

/** The keys that this form must have and no other form has. */
function own({ required = [] }: JsonSchema, forms: readonly JsonSchema[]): string {
  const isShared = (key: string) => forms.filter(({ properties = {} }) => key in properties).length > 1;
  return required.filter((key) => !isShared(key)).join(' and ');
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
