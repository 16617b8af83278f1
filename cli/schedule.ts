import { type Command, Option } from 'commander';
import { csvLines } from '../shared/platform/csv-lines.ts';
import { quantity } from '../shared/platform/quantity.ts';
import { writtenRulesFrom } from '../shared/rules/read.ts';
import {
  cellsOf,
  footnotes,
  scheduleHtml,
  scheduleMarkdown,
  shownCellsOf,
  titles,
} from '../shared/schedule/formats.ts';
import { type RetentionSchedule, scheduleOf } from '../shared/schedule/schedule.ts';
import { tellWritten } from './files/beside-file.ts';
import { checkReplaceable, replaceFile } from './files/replace-file.ts';
import { defaultRules } from './options/cloud-options.ts';
import { readRulesInput } from './options/read-text.ts';
import { print, prose, table, toJson } from './terminal/output.ts';

const formats = ['text', 'markdown', 'csv', 'html', 'json'] as const;
type Format = (typeof formats)[number];

interface Options {
  readonly json?: boolean;
  readonly format?: Format;
  readonly out?: string;
  readonly title: string;
}

export function configure(command: Command): void {
  command
    .argument('[rules]', 'rules file, or - for standard input (HOLDFAST_RULES)', defaultRules())
    .addOption(
      new Option('--format <format>', 'how to write the schedule (default: text; --json is json)')
        .choices([...formats])
        .conflicts('json'),
    )
    .option('--out <file>', 'write to a file; - is standard output, as without it')
    .option('--title <title>', 'the title of the Markdown and HTML forms', 'Retention schedule')
    .addHelpText(
      'after',
      '\nNothing is asked of the cloud. Rules may carry because (the law or contract), owner, and review (a date).',
    )
    .action(run);
}

async function run(
  file: string,
  { json, format = json ? 'json' : 'text', out, title }: Options,
): Promise<void> {
  if (out !== undefined) await checkReplaceable(out);
  const schedule = scheduleOf(writtenRulesFrom(await readRulesInput(file), file));
  const text = render(schedule, format, title);
  if (out === undefined) print(text.replace(/\n$/, ''));
  else {
    await replaceFile(out, text.endsWith('\n') ? text : `${text}\n`);
    const { length } = schedule.rows;
    await tellWritten(out, `${quantity(length, 'rule')} in ${out}`);
  }
}

function render(schedule: RetentionSchedule, format: Format, title: string): string {
  switch (format) {
    case 'text':
      return [table(titles, schedule.rows.map(shownCellsOf)), '', ...footnotes(schedule).map(prose)].join(
        '\n',
      );
    case 'markdown':
      return scheduleMarkdown(schedule, title);
    case 'csv':
      return csvLines([titles, ...schedule.rows.map(cellsOf)]);
    case 'html':
      return scheduleHtml(schedule, title);
    case 'json':
      return toJson({ format: 'holdfast.schedule/1', ...schedule });
  }
}
