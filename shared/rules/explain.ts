import { distance } from 'fastest-levenshtein';
import * as z from 'zod';
import { hint } from './hints.ts';
import { rightPlaceOf } from './misplaced.ts';
import { formatPath, type Path, type RulesFinding } from './problem.ts';
import { child, isMap, keysOfMap, optionsOf, type Schema, schemaAt } from './schema-walk.ts';

/*
 * Turns what zod finds into one sentence a mistake: unknown keys with the nearest valid name, missing keys with what
 * belongs there, wrong values with what was expected and found. Where a value may have several forms, the
 * sentences are about the form that was evidently meant.
 */

/** A finding, with what is needed to see that a missing key is the misspelt one beside it. */
interface Note extends RulesFinding {
  readonly missing?: boolean;
  /** The paths that are not missing if an unknown key was meant as suggested. */
  readonly meant?: readonly string[];
}

type Issue = z.core.$ZodIssue;

/**
 * Tells what is wrong with `value`, given the issues that `schema` has found in it.
 * @param sourceAt how a value that is no text stands in the file, where that is known
 */
export function explainIssues(
  schema: Schema,
  value: unknown,
  issues: readonly Issue[],
  sourceAt: SourceAt,
): RulesFinding[] {
  return notes({ root: schema, schema, value, issues, base: [], rivals: [], sourceAt }).map(
    ({ path, part, message }) => ({
      path,
      part,
      message,
    }),
  );
}

interface Checked {
  /** The schema of the whole file. */
  readonly root: Schema;
  readonly schema: Schema;
  readonly value: unknown;
  readonly issues: readonly Issue[];
  /** This is where `value` stands in the file. */
  readonly base: Path;
  /** Keys that would be valid if another form of the value were meant. */
  readonly rivals: readonly string[];
  readonly sourceAt: SourceAt;
}

type SourceAt = (path: Path) => string | undefined;

function notes({ root, schema, value, issues, base, rivals, sourceAt }: Checked): Note[] {
  const formsDone = new Set<string>();
  const all = issues.flatMap((issue): Note[] => {
    const steps = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
    const choice = firstChoice(schema, value, steps);
    if (choice !== undefined) {
      const path = [...base, ...choice.steps];
      if (formsDone.has(formatPath(path))) return [];
      formsDone.add(formatPath(path));
      return (
        formMeant(root, choice.forms, choice.value, path, sourceAt) ?? [
          wrongValue(path, choice.value, issue, sourceAt),
        ]
      );
    }
    const path = [...base, ...steps];
    const found = steps.reduce(child, value);
    if (issue.code === 'custom') return [{ path, part: 'value', message: issue.message }];
    if (issue.code === 'unrecognized_keys') {
      const names = keysOfMap(schemaAt(schema, steps));
      return issue.keys.map((key) => unknownKey(root, path, key, found, names, rivals));
    }
    return [found === undefined ? missingKey(path, issue.message) : wrongValue(path, found, issue, sourceAt)];
  });
  const misspelt = new Set(all.flatMap((note) => note.meant ?? []));
  return all.filter((note) => !(note.missing && misspelt.has(formatPath(note.path))));
}

/** The first value on the way down that may have several forms. */
function firstChoice(schema: Schema, value: unknown, path: Path) {
  for (let length = 0; length <= path.length; length += 1) {
    const steps = path.slice(0, length);
    const forms = optionsOf(schemaAt(schema, steps));
    const found = steps.reduce(child, value);
    if (forms.length > 0 && found !== undefined) return { steps, forms, value: found };
  }
  return undefined;
}

/** The explanation by the form whose own keys are there, with the fewest mistakes; undefined when no form stands out. */
function formMeant(
  root: Schema,
  forms: readonly Schema[],
  value: unknown,
  path: Path,
  sourceAt: SourceAt,
): Note[] | undefined {
  const readings = forms.flatMap((form) => {
    const issues = z.safeParse(form, value).error?.issues ?? [];
    if (issues.some(isOtherKind)) return [];
    const rivals = forms.filter((other) => other !== form).flatMap(keysOfMap);
    const marks = keysOfMap(form).filter((key) => !rivals.includes(key));
    return [{ notes: notes({ root, schema: form, value, issues, base: path, rivals, sourceAt }), marks }];
  });
  const isMarked = ({ marks }: { marks: string[] }) => marks.some((key) => child(value, key) !== undefined);
  const best = readings.sort(
    (one, other) => Number(isMarked(other)) - Number(isMarked(one)) || one.notes.length - other.notes.length,
  )[0];
  const marked = best !== undefined && isMarked(best);
  const unclear =
    best?.notes.some((note) => note.missing) && !marked && !best.notes.some((note) => note.meant);
  return unclear ? undefined : best?.notes;
}

const isOtherKind = (issue: Issue) =>
  issue.path.length === 0 && (issue.code === 'invalid_type' || issue.code === 'invalid_value');

function unknownKey(
  root: Schema,
  path: Path,
  name: string,
  found: unknown,
  names: string[],
  rivals: readonly string[],
): Note {
  const at = { path: [...path, name], part: 'key' } as const;
  const present = isMap(found) ? Object.keys(found) : [];
  const partner = present.find((other) => names.includes(other) && !rivals.includes(other));
  if (rivals.includes(name) && partner !== undefined) {
    return { ...at, message: `"${name}" does not go together with "${partner}"; keep one` };
  }
  const free = names.filter((other) => !present.includes(other));
  const suggestion = rivals.includes(name) ? undefined : nearestName(name, free);
  if (suggestion !== undefined) {
    const message = `unknown key "${name}" (did you mean "${suggestion}"?)`;
    return { ...at, message, meant: [formatPath([...path, suggestion])] };
  }
  const home = rightPlaceOf(root, path, name);
  if (home !== undefined) return { ...at, message: `unknown key "${name}": ${home.hint}`, meant: home.meant };
  const expected = free.length > 0 ? `expected one of ${free.join(', ')}` : 'expected no more keys here';
  return { ...at, message: `unknown key "${name}": ${expected}` };
}

function missingKey(path: Path, expected: string): Note {
  const name = path.at(-1);
  if (name === undefined) return { path, part: 'value', message: `expected ${expected}, found nothing` };
  return { path, part: 'key', missing: true, message: `"${name}" is missing: expected ${expected}` };
}

function wrongValue(path: Path, found: unknown, issue: Issue, sourceAt: SourceAt): Note {
  const values = issue.code === 'invalid_value' ? issue.values.filter((one) => typeof one === 'string') : [];
  const nearest = typeof found === 'string' ? nearestName(found, values) : undefined;
  const suggestion = nearest === undefined ? '' : ` (did you mean "${nearest}"?)`;
  const source = sourceAt(path);
  const instead = suggestion || hint(issue.message, found, source);
  const shown = found === null && instead === '' ? undefined : source;
  const message = `expected ${issue.message}, found ${shown ?? describe(found)}${instead}`;
  return { path, part: 'value', message };
}

/** The name that was probably meant: at most half of its letters differ, and at most three. */
function nearestName(name: string, names: readonly string[]): string | undefined {
  const nearest = names.toSorted((one, other) => slips(name, one) - slips(name, other))[0];
  const limit = Math.min(3, Math.ceil(name.length / 2));
  return nearest !== undefined && slips(name, nearest) <= limit ? nearest : undefined;
}

/** The letters that differ; the same letters in another order are one slip. */
function slips(name: string, other: string): number {
  const [one, two] = [name.toLowerCase(), other.toLowerCase()];
  const sameLetters = one !== two && [...one].sort().join('') === [...two].sort().join('');
  return sameLetters ? 1 : distance(one, two);
}

function describe(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return value.length > 0 ? 'a list' : 'an empty list';
  if (typeof value === 'string') return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
  if (isMap(value)) return Object.keys(value).length > 0 ? 'a map' : 'an empty map';
  return String(value);
}
