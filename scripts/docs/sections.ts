/*
 * A page of docs/ is written by hand but for its generated parts, each between two comments that do not show:
 *
 *   <!-- generated: NAME -->
 *   <!-- end -->
 */

/** What each generated part says, by its name. */
export type Parts = Readonly<Record<string, () => string | Promise<string>>>;

const section = /(<!-- generated: ([a-z-]+) -->\n).*?(<!-- end -->)/gs;

/**
 * The page with its generated parts made anew.
 * @throws Error for a part that nobody knows
 */
export async function fill(page: string, parts: Parts): Promise<string> {
  const names = [...page.matchAll(section)].map(([, , name = '']) => name);
  const texts = new Map<string, string>();
  for (const name of names) {
    const part = Object.hasOwn(parts, name) ? parts[name] : undefined;
    if (part === undefined) throw new Error(`there is no generated part ${name}`);
    texts.set(name, (await part()).trim());
  }
  return page.replace(section, (_, start: string, name: string, end: string) => {
    return `${start}\n${texts.get(name) ?? ''}\n\n${end}`;
  });
}

/** A cell of a table: bars and line breaks would end it. */
export const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll(/\s*\n\s*/g, ' ');

/** A table in Markdown. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
