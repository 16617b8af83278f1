import { failure } from '../../shared/platform/errors.ts';
import type { WarningCode } from '../../shared/rules/warnings/index.ts';
import { color, describeError, type ExitCode, exitCodeOf, type Report } from '../terminal/output.ts';

/** A mistake and its place. Lines and columns count from 1. */
export interface Placed {
  readonly file: string;
  readonly line: number;
  readonly col: number;
  readonly message: string;
}

export interface PlacedWarning extends Placed {
  readonly code: WarningCode;
}

/** Everything that was found out about a rules file. */
export interface Findings {
  readonly file: string;
  /** This is how many there are; undefined when the file is invalid. */
  readonly rules:
    | { readonly objects: number; readonly buckets: number; readonly defaults: number }
    | undefined;
  readonly mistakes: readonly Placed[];
  readonly warnings: readonly PlacedWarning[];
  /** This is what was not checked, and why. */
  readonly notes: readonly string[];
}

export const findingsFormats = ['text', 'json', 'github'] as const;
export type FindingsFormat = (typeof findingsFormats)[number];

/**
 * Returns the findings, for people, for machines, or as annotations of a GitHub workflow.
 * @param strict whether warnings fail too
 */
export function reportFindings(findings: Findings, format: FindingsFormat, strict: boolean): Report {
  const { mistakes, warnings } = findings;
  const exitCode = mistakes.length > 0 ? 2 : strict && warnings.length > 0 ? 1 : 0;
  const text = format === 'github' ? annotations(findings) : lines(findings, exitCode);
  return { text: text.join('\n'), json: machineForm(findings, exitCode === 0), exitCode };
}

/** Makes the report about a file that could not be read, beside those about others. */
export function reportUnread(file: string, error: unknown, format: FindingsFormat): Report {
  const { code, message, remedy } = describeError(error);
  const text =
    format === 'github'
      ? `::error file=${escapeProperty(file)},title=${escapeProperty(`holdfast ${code}`)}::${escapeData(message)}`
      : `${color.red(`error ${code}:`)} ${message}; ${remedy}`;
  return { text, json: { ok: false, file, error: { code, message, remedy } }, exitCode: exitCodeOf(error) };
}

/** Returns the reports about several files as one; that about one file stays as it is. */
export function together(reports: readonly Report[]): Report {
  const [first, ...more] = reports;
  if (first !== undefined && more.length === 0) return first;
  const exitCode = reports.reduce<ExitCode>(
    (worst, { exitCode: code = 0 }) => (code > worst ? code : worst),
    0,
  );
  return {
    text: reports.flatMap(({ text }) => (text === '' ? [] : text)).join('\n'),
    json: { ok: exitCode === 0, files: reports.map(({ json }) => json) },
    exitCode,
  };
}

function lines({ file, rules, mistakes, warnings, notes }: Findings, exitCode: number): string[] {
  const found = [
    ...mistakes.map(inPlace),
    ...warnings.map(({ code, message, ...place }) =>
      inPlace({ ...place, message: `${color.yellow('warning:')} ${message} (${code})` }),
    ),
  ];
  if (exitCode === 2) {
    const counts = [
      count(mistakes.length, 'mistake'),
      ...(warnings.length ? [count(warnings.length, 'warning')] : []),
    ];
    return [...found, color.red(counts.join(', '))];
  }
  if (exitCode === 1)
    return [...found, color.red(`${count(warnings.length, 'warning')}, and --strict allows none`)];
  const counts = [
    count(rules?.objects ?? 0, 'object rule'),
    count(rules?.buckets ?? 0, 'bucket rule'),
    ...(rules?.defaults ? [count(rules.defaults, 'default retention')] : []),
    ...(warnings.length ? [count(warnings.length, 'warning')] : []),
  ];
  return [...found, `${color.green('ok')} ${file}: ${counts.join(', ')}`, ...notes];
}

const inPlace = ({ file, line, col, message }: Placed): string => `${file}:${line}:${col} ${message}`;

const count = (number: number, thing: string): string => `${number} ${thing}${number === 1 ? '' : 's'}`;

function machineForm({ file, rules, mistakes, warnings, notes }: Findings, ok: boolean): unknown {
  if (mistakes.length === 0) return { ok, file, rules, mistakes, warnings, notes };
  const problems = mistakes.map(inPlace).join('\n');
  const { code, message, remedy } = failure('RULES_INVALID', { count: mistakes.length, file, problems });
  return { ok, file, error: { code, message, remedy }, mistakes, warnings, notes };
}

/** GitHub's workflow commands (documented: workflow commands for GitHub Actions; escaping as in @actions/core). */
function annotations({ mistakes, warnings, notes }: Findings): string[] {
  return [
    ...mistakes.map((mistake) => annotation('error', 'holdfast', mistake)),
    ...warnings.map((warning) => annotation('warning', `holdfast ${warning.code}`, warning)),
    ...notes.map((note) => `::notice title=holdfast::${escapeData(note)}`),
  ];
}

function annotation(level: 'error' | 'warning', title: string, { file, line, col, message }: Placed): string {
  const properties = Object.entries({ file, line, col, title })
    .map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
    .join(',');
  return `::${level} ${properties}::${escapeData(message)}`;
}

const escapeData = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');

const escapeProperty = (text: string): string =>
  escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
