import { visible } from '../platform/visible.ts';
import type { RetentionSchedule, ScheduleRow } from './schedule.ts';

/** Lists the columns of a schedule, with the title of each. */
export const columns = [
  ['rule', 'Rule'],
  ['records', 'Records'],
  ['period', 'Period'],
  ['start', 'Counted from'],
  ['because', 'Because of'],
  ['owner', 'Owner'],
  ['review', 'Review by'],
] as const satisfies readonly (readonly [keyof ScheduleRow, string])[];

export const titles: readonly string[] = columns.map(([, title]) => title);

/** Gives the cells of a row, in the order of {@link columns}. */
export const cellsOf = (row: ScheduleRow): string[] => columns.map(([name]) => visible(row[name]));

/** Gives the cells of a row to people, who should see that one is empty. */
export const shownCellsOf = (row: ScheduleRow): string[] => cellsOf(row).map((cell) => cell || '-');

/** Says what bounds all rows, and that Holdfast quotes reasons and vouches for none. */
export const footnotes = ({ cap }: RetentionSchedule): string[] => [
  `Nothing is retained longer than ${cap} (limits.maxRetention).`,
  'The reasons are those of the rules file. Whether they apply, and whether the periods satisfy them, is for its owners to say.',
];

/** Writes the schedule as a Markdown table. */
export function scheduleMarkdown(schedule: RetentionSchedule, title: string): string {
  const line = (cells: readonly string[]) => `| ${cells.map(escapeMarkdown).join(' | ')} |`;
  return [
    `# ${escapeMarkdown(title)}`,
    '',
    line(titles),
    `|${titles.map(() => ' --- |').join('')}`,
    ...schedule.rows.map((row) => line(shownCellsOf(row))),
    '',
    ...footnotes(schedule).flatMap((text) => [escapeMarkdown(text), '']),
  ].join('\n');
}

/** Characters that mean something to Markdown stand for themselves. */
const escapeMarkdown = (text: string): string =>
  text.replace(/[\\`*_{}[\]<>|#~&]/g, (character) => `\\${character}`).replaceAll('\n', ' ');

/** Writes the schedule as one HTML page that needs nothing else, for a browser, for print, dark and light. */
export function scheduleHtml(schedule: RetentionSchedule, title: string): string {
  const cells = (row: ScheduleRow) =>
    shownCellsOf(row)
      .map((text, index) =>
        index === 0
          ? `<th scope="row">${escapeHtml(text)}</th>`
          : `<td${index === titles.length - 1 ? ' class="date"' : ''} data-label="${escapeHtml(titles[index] ?? '')}">${escapeHtml(text)}</td>`,
      )
      .join('');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeHtml(title)}</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>${escapeHtml(title)}</h1>
<table>
<thead><tr>${titles.map((text) => `<th scope="col">${escapeHtml(text)}</th>`).join('')}</tr></thead>
<tbody>
${schedule.rows.map((row) => `<tr>${cells(row)}</tr>`).join('\n')}
</tbody>
</table>
${footnotes(schedule)
  .map((text) => `<p>${escapeHtml(text)}</p>`)
  .join('\n')}
</main>
</body>
</html>
`;
}

const style = `
:root { color-scheme: light dark; --line: light-dark(#c8ccd2, #4a4f57); }
body { font: 15px/1.45 system-ui, sans-serif; margin: 0; background: light-dark(#fff, #16181c); color: light-dark(#1b1d21, #e6e8eb); }
main { max-width: 1400px; margin: 0 auto; padding: 24px 16px; }
h1 { font-size: 22px; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; padding: 8px 10px; border-bottom: 1px solid var(--line); overflow-wrap: break-word; }
thead th { border-bottom-width: 2px; white-space: nowrap; }
.date { white-space: nowrap; }
@media (max-width: 720px) {
  thead { display: none; }
  tr, th, td { display: block; border: 0; padding: 2px 0; }
  tr { border-bottom: 1px solid var(--line); padding: 10px 0; }
  td::before { content: attr(data-label) ": "; font-weight: 600; }
}
@media print { tr { break-inside: avoid; } main { max-width: none; padding: 0; } }
`;

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => entities[character] ?? '');
