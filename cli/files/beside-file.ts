import { note, print, type Report, show } from '../terminal/output.ts';
import { isStandardOutput } from './replace-file.ts';

/** Tells a person that a file is written. Where it is standard output, no reader of what is in it finds that behind it. */
export async function tellWritten(file: string, text: string): Promise<void> {
  if (await isStandardOutput(file)) note(text);
  else print(text);
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
