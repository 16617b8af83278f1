import pLimit from 'p-limit';
import { HoldfastError, hasCode } from '../platform/errors.ts';
import { MissingPrerequisite, type World } from './world.ts';

/** One line of what `holdfast doctor` has found out. */
export type DoctorFinding = {
  /** This is what was looked at, such as `versioning`. */
  readonly check: string;
  /** It names what the check is about, such as a bucket. */
  readonly about: string;
  readonly message: string;
} & (
  | { readonly status: 'ok' }
  | {
      readonly status: 'warning' | 'failure' | 'not-checked';
      /** This is what to do about it: a command where there is one. */
      readonly mend: string;
      /** The code of the error, where there is one (docs/errors-a-i.md, docs/errors-j-z.md). */
      readonly code?: string;
    }
);

/** One thing to find out. */
export interface Check {
  readonly name: string;
  run(world: World): Promise<readonly DoctorFinding[]>;
}

type Trouble = Exclude<DoctorFinding, { readonly status: 'ok' }>;
type Say = (about: string, message: string, mend: string) => Trouble;

/** The lines of one check. */
export interface Lines {
  readonly ok: (about: string, message: string) => DoctorFinding;
  readonly warning: Say;
  readonly failure: Say;
  readonly unchecked: Say;
}

export function linesOf(check: string): Lines {
  const say =
    (status: 'warning' | 'failure' | 'not-checked'): Say =>
    (about, message, mend) => ({ check, about, status, message, mend });
  return {
    ok: (about, message) => ({ check, about, status: 'ok', message }),
    warning: say('warning'),
    failure: say('failure'),
    unchecked: say('not-checked'),
  };
}

/** Tells what an error says about a check: what the caller may not look at is not checked, anything else has failed. */
export function fromError({ failure, unchecked }: Lines, about: string, error: unknown): DoctorFinding {
  if (error instanceof MissingPrerequisite)
    return unchecked(about, `needs ${error.what}`, 'see the line of its own');
  if (!(error instanceof HoldfastError)) {
    return failure(about, String(error), 'this is a mistake in Holdfast: report it');
  }
  const { message, remedy } = error;
  const say = hasCode(error, 'ACCESS_DENIED', 'RAM_POLICY_NOT_IMPLEMENTED') ? unchecked : failure;
  return { ...say(about, message, remedy), code: error.code };
}

/** Requests under way at once, of one check. */
const concurrency = 8;

/** Returns the findings about each of several things; an error about one hides no other. */
export async function findingsForEach<Item>(
  lines: Lines,
  items: readonly Item[],
  nameOf: (item: Item) => string,
  look: (item: Item) => Promise<DoctorFinding | readonly DoctorFinding[]>,
): Promise<DoctorFinding[]> {
  const limit = pLimit(concurrency);
  const found = items.map((item) =>
    limit(look, item).catch((error: unknown) => fromError(lines, nameOf(item), error)),
  );
  return (await Promise.all(found)).flat();
}
