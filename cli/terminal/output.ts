import type { Command } from 'commander';
import { type Addressed, type CloudName, formatAddress } from '../../shared/platform/address.ts';
import { visible } from '../../shared/platform/visible.ts';
import { columnsOf } from '../../shared/terminal/columns.ts';
import { asDocument } from '../../shared/terminal/document.ts';
import { print, printJson, shownVersionId, toJson } from '../../shared/terminal/print.ts';
import { wrapAtMargin } from '../../shared/terminal/wrap.ts';

export { color, wantsColor } from '../../shared/terminal/color.ts';
export { describeError, exitCodeOf, showError } from '../../shared/terminal/error.ts';
export {
  note,
  print,
  printJson,
  prose,
  remark,
  shown,
  shownVersionId,
  toJson,
  wantsQuiet,
} from '../../shared/terminal/print.ts';
export { table } from '../../shared/terminal/table.ts';

/** 0 done, 1 failed, 2 wrong usage or invalid rules, 130 interrupted. */
export type ExitCode = 0 | 1 | 2 | 130;

/** This is what a command has to say, for people and for machines. */
export interface Report {
  readonly text: string;
  readonly json: unknown;
  readonly exitCode?: ExitCode;
}

/** Prints a command's report and sets the exit code. */
export function show(report: Report, options: { readonly json?: boolean | undefined }): void {
  process.exitCode = report.exitCode ?? 0;
  if (options.json === true) printJson(toJson(asDocument(report.json)));
  else print(wrapAtMargin(report.text, columnsOf(process.stdout)));
}

/** Prints the report of an operation of a command, which has `--json` for all of them. */
export const showUnder = (command: Command, report: Report): void =>
  show(report, command.opts<{ json?: boolean }>());

/** Names a bucket, an object, or one version of it, in one line, for people: on a terminal the version id is shortened. */
export const objectUrl = (cloud: CloudName, at: Addressed): string =>
  visible(
    formatAddress(cloud, {
      ...at,
      ...(at.versionId === undefined ? {} : { versionId: shownVersionId(at.versionId) }),
    }),
  );
