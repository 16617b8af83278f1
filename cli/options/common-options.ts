import type { Command } from 'commander';

/** Adds the options of every command. */
export const withCommonOptions = (command: Command): Command =>
  command
    .option('--json', 'print JSON for machines')
    .option('-q, --quiet', 'no progress and no remarks: the result, warnings and errors only')
    .option('-v, --verbose', 'say each request, with its status, time and id, on standard error')
    .option('--wide', 'whole version ids, where a terminal would show both ends of them only')
    .option('--no-color', 'no colours (NO_COLOR)');

/** The help of every command: on a narrow terminal too its second column breaks between words. */
export const helpStyle = { minWidthToWrap: 16 };

/** The help of an operation of a command, which takes the options of its command too. */
export const operationHelpStyle = { ...helpStyle, showGlobalOptions: true };
