import { commandNames, commandReference, commandTable, pageName } from './commands.ts';
import { costExample } from './cost.ts';
import { errorCodes } from './error-codes.ts';
import { outputTable } from './outputs.ts';
import { pageIndex } from './page-index.ts';
import { approvalKeys, bucketKeys, objectKeys } from './rules-reference.ts';
import type { Parts } from './sections.ts';

const names = await commandNames();

const partOf = (name: string): string => `command-${name.replaceAll(' ', '-')}`;

/** The pages that consist of one generated part, below a title; {@link newPage} begins one that is not there yet. */
const commandPages = new Map(names.map((name) => [`docs/commands/${pageName(name)}`, name]));

/** The pages that have generated parts. */
export const pages: readonly string[] = [
  ...commandPages.keys(),
  'docs/README.md',
  'docs/approvals.md',
  'docs/commands.md',
  'docs/cost.md',
  'docs/errors-a-i.md',
  'docs/errors-j-z.md',
  'docs/json.md',
  'docs/rules-keys-buckets.md',
  'docs/rules-keys-objects.md',
];

export const parts: Parts = {
  ...Object.fromEntries(names.map((name) => [partOf(name), () => commandReference(name)])),
  commands: commandTable,
  'cost-example': costExample,
  'errors-a-i': () => errorCodes('A', 'I'),
  'errors-j-z': () => errorCodes('J', 'Z'),
  index: pageIndex,
  outputs: outputTable,
  'rules-approvals': approvalKeys,
  'rules-buckets': bucketKeys,
  'rules-objects': objectKeys,
};

/** Makes the frame of a command's page. @throws Error for a page that is written by hand */
export function newPage(page: string): string {
  const name = commandPages.get(page);
  if (name === undefined) throw new Error(`${page} is not there`);
  return `# holdfast ${name}\n\n<!-- generated: ${partOf(name)} -->\n<!-- end -->\n`;
}
