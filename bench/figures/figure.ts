/** One line of `npm run bench`: a value beside its reference, both measured in this run, and the goal. */
export interface FigureResult {
  readonly what: string;
  /** The value in the form in which the table shows it, with its unit. */
  readonly value: string;
  /** The reference that the value is compared with, for the table; empty for a plain size. */
  readonly reference: string;
  /** The number that the goal is about: a ratio to the reference, or bytes. */
  readonly measured: number;
  /** The most that `measured` may be. */
  readonly goal: number;
  /** Set where the goal is one that nobody asked for, such as the same ratio to a reference that is harder to reach. */
  readonly ours?: true;
}

/** Measures one or more lines. A new figure is one such function in a file of its own, named in bench/index.ts. */
export type Figure = () => FigureResult[] | Promise<FigureResult[]>;

/** Returns a line with its goal marked as one that nobody asked for. */
export const asOurs = (line: FigureResult): FigureResult => ({ ...line, ours: true });

/** The middle of an odd or even number of measurements, which a busy machine disturbs least. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? Number.NaN;
  return (low + (sorted[Math.floor(middle)] ?? low)) / 2;
}

/** CPU of this process since it started, in milliseconds. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
