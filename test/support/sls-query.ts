/** An entry of a logstore: its fields as text, and when it was written. JSON in a field is searched by `field.key`. */
export interface LogEntry {
  readonly at: Date;
  readonly fields: Readonly<Record<string, string>>;
}

/**
 * Evaluates the part of Simple Log Service's query language that the alarms use: `field: "words"`, `field < number`,
 * `field > number`, joined by `and` and `or` (`and` binds more closely), then `| select count(1) as NAME`. A text fits when it
 * has all the words ("Query syntax": a phrase in quotes is split into words, each of which has to be there).
 * @returns the row by the names of its columns
 * @throws Error for anything else, so that no alarm is tested by half a query
 */
export function evaluateQuery(query: string, entries: readonly LogEntry[]): Record<string, number> {
  const [search = '', analysis = ''] = query.split(' | ');
  const column = /^select count\(1\) as (\w+)$/.exec(analysis)?.[1];
  if (column === undefined) throw new Error(`not understood: ${analysis}`);
  const alternatives = search.split(' or ').map((part) => part.split(' and ').map(readTerm));
  const found = entries.filter((entry) => alternatives.some((terms) => terms.every((term) => term(entry))));
  return { [column]: found.length };
}

/** Tells whether a row meets a condition such as `runs == 0`. */
export function meets(condition: string, row: Readonly<Record<string, number>>): boolean {
  const [, column = '', operator, number] = /^(\w+) (>|==) (\d+)$/.exec(condition) ?? [];
  const value = row[column];
  if (value === undefined) throw new Error(`not understood: ${condition}`);
  return operator === '>' ? value > Number(number) : value === Number(number);
}

type Term = (entry: LogEntry) => boolean;

function readTerm(text: string): Term {
  const [, field, words] = /^([\w.]+): "([^"]+)"$/.exec(text) ?? [];
  if (field !== undefined && words !== undefined) {
    const wanted = wordsOf(words);
    return (entry) => {
      const value = valueAt(entry, field);
      const present = value === undefined ? [] : wordsOf(String(value));
      return wanted.every((word) => present.includes(word));
    };
  }
  const [, path, operator, bound] = /^([\w.]+) ([<>]) (\d+)$/.exec(text) ?? [];
  if (path === undefined) throw new Error(`not understood: ${text}`);
  return (entry) => {
    const value = valueAt(entry, path);
    if (typeof value !== 'number') return false;
    return operator === '<' ? value < Number(bound) : value > Number(bound);
  };
}

/** The separators are those of the index. */
const wordsOf = (text: string): string[] =>
  text
    .toLowerCase()
    .split(/[, '";=()[\]{}?@&<>/:\n\t\r]+/)
    .filter((word) => word !== '');

function valueAt({ fields }: LogEntry, path: string): unknown {
  const [name = '', ...keys] = path.split('.');
  const text = fields[name];
  if (text === undefined || keys.length === 0) return text;
  return keys.reduce<unknown>((value, key) => Object(value)[key], parse(text));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
