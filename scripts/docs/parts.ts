import { commandReference } from './commands.ts';
import { costExample } from './cost.ts';
import { errorCodes } from './error-codes.ts';
import { pageIndex } from './page-index.ts';
import { rulesReference } from './rules-reference.ts';
import type { Parts } from './sections.ts';

/** The pages that have generated parts. */
export const pages = [
  'docs/README.md',
  'docs/commands.md',
  'docs/cost.md',
  'docs/faq.md',
  'docs/rules.md',
] as const;

export const parts: Parts = {
  commands: commandReference,
  'cost-example': costExample,
  'error-codes': errorCodes,
  index: pageIndex,
  rules: rulesReference,
};
