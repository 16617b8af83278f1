/** This is where something stands in the rules: keys and list indexes from the top. */
export type Path = readonly (string | number)[];

/** A mistake, by its place in the tree of values. */
export interface RulesFinding {
  readonly path: Path;
  /** Tells whether the key at the end of the path is wrong, or its value. */
  readonly part: 'key' | 'value';
  readonly message: string;
}

/** A mistake, by its place in the file. Lines and columns count from 1. */
export interface RulesProblem {
  readonly line: number;
  readonly col: number;
  readonly message: string;
  /** `objects[0].retain`; empty for the file as a whole. */
  readonly path: string;
}

/** `file:line:col message`, the form that editors and CI systems make links of. */
export function formatProblem(file: string, problem: RulesProblem): string {
  return `${file}:${problem.line}:${problem.col} ${problem.message}`;
}

/** `['objects', 0, 'retain']` as `objects[0].retain`. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}
