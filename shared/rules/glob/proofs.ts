import { both, without } from './combine.ts';
import { type Language, mostStates, type NameState, TooManyStates } from './language.ts';
import { classOf } from './run.ts';

/** This is how many states may still be looked at. Each proof takes from it what it needs. */
export interface Budget {
  states: number;
}

export const freshBudget = (): Budget => ({ states: mostStates });

/** @throws TooManyStates */
export const isEmpty = (language: Language, budget = freshBudget()): boolean =>
  shortest(language, budget) === undefined;

/** @throws TooManyStates */
export const isWithin = (one: Language, other: Language, budget = freshBudget()): boolean =>
  isEmpty(without(one, other), budget);

/** @throws TooManyStates */
export const isDisjoint = (one: Language, other: Language, budget = freshBudget()): boolean =>
  isEmpty(both(one, other), budget);

const plain = [...'abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-_./'].map(
  (letter) => letter.codePointAt(0) ?? 0,
);

/** One character of each class, plain ones where there are, in the order in which examples prefer them. */
function representatives({ cuts }: Language): number[] {
  const found = new Map<number, number>();
  for (const point of plain) {
    const kind = classOf(cuts, point);
    if (!found.has(kind)) found.set(kind, point);
  }
  for (const [kind, first] of cuts.entries()) if (!found.has(kind)) found.set(kind, first);
  return [...found.values()];
}

/** A way from the start, as a list that shares its beginnings. */
interface Way {
  readonly state: NameState;
  readonly point: number;
  readonly before: Way | undefined;
}

/** The first name in the order of length; each state is looked at once. */
function shortest(language: Language, budget: Budget): string | undefined {
  const { start } = language;
  if (start.dead) return undefined;
  const points = representatives(language);
  const seen = new Set<number>([start.id]);
  const ways: Way[] = [{ state: start, point: -1, before: undefined }];
  for (const way of ways) {
    if (way.state.accepts) return nameOf(way);
    budget.states -= 1;
    if (budget.states < 0 || ways.length > mostStates) throw new TooManyStates();
    for (const point of points) {
      const state = way.state.next(point);
      if (state.dead || seen.has(state.id)) continue;
      seen.add(state.id);
      ways.push({ state, point, before: way });
    }
  }
  return undefined;
}

function nameOf(way: Way): string {
  const points: number[] = [];
  for (let at: Way | undefined = way; at !== undefined && at.point >= 0; at = at.before)
    points.push(at.point);
  return String.fromCodePoint(...points.reverse());
}

/**
 * Returns one of the shortest names, a speaking one where it can be: an empty text or a bare folder says little to a
 * person.
 * @returns undefined when the set is empty
 * @throws TooManyStates
 */
export function example(language: Language): string | undefined {
  const first = shortest(language, freshBudget());
  if (first === undefined || /[^/]$/.test(first)) return first;
  // The set as it is behind the first name: a few characters more may end in a letter.
  const points = representatives(language);
  let state = language.start;
  for (const character of first) state = state.next(character.codePointAt(0) ?? 0);
  for (const point of points) {
    const next = state.next(point);
    if (next.accepts && point !== slash) return first + String.fromCodePoint(point);
  }
  return first;
}

const slash = 0x2f;
