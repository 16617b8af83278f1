const formula = /^[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/;
const special = /[",\n\r]/;

/**
 * Returns lines of CSV, with quotation marks where a text needs them. People open them in a spreadsheet, where a text that begins with =
 * would be a formula: it has an apostrophe before it. One package writes the same (test/shared/platform/csv-lines.test.ts), by ten times the
 * garbage for each line, and a run over a million versions writes a million.
 */
export function csvLines(rows: readonly (readonly string[])[]): string {
  let text = '';
  for (const row of rows) text += csvLine(row);
  return text;
}

function csvLine(row: readonly string[]): string {
  let text = '';
  let comma = '';
  for (const value of row) {
    text += comma + csvCell(value);
    comma = ',';
  }
  return `${text}\n`;
}

function csvCell(value: string): string {
  const plain = formula.test(value) ? `'${value}` : value;
  return special.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}
