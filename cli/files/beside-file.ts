import { usage } from '../options/usage.ts';
import { note, print, type Report, show } from '../terminal/output.ts';
import { isStandardOutput } from './replace-file.ts';

/** Tells a person that a file is written. Where it is standard output, there is no file to tell of. */
export async function tellWritten(file: string, text: string): Promise<void> {
  if (!(await isStandardOutput(file))) print(text);
}

/**
 * Refuses `--json` beside a file of another format where both would be standard output.
 * @param option that takes the file
 * @throws USAGE
 */
export async function checkBesideJson(
  option: string,
  file: string,
  { json }: { readonly json?: boolean },
): Promise<void> {
  if (json === true && (await isStandardOutput(file)))
    throw usage(`--json and ${option} ${file} exclude each other: both write to standard output`);
}

/** Shows a report beside a file that was written, if one was: its text on standard error where the file is standard output. */
export async function showBeside(
  file: string | undefined,
  report: Report,
  options: { readonly json?: boolean },
): Promise<void> {
  if (file === undefined || !(await isStandardOutput(file))) return show(report, options);
  process.exitCode = report.exitCode ?? 0;
  note(report.text);
}
