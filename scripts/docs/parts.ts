import { commandReference } from './commands.ts';
import { errorCodes } from './error-codes.ts';
import { rulesReference } from './rules-reference.ts';
import type { Parts } from './sections.ts';

/** The pages that have generated parts. */
export const pages = ['docs/commands.md', 'docs/faq.md', 'docs/rules.md'] as const;

export const parts: Parts = {
  commands: commandReference,
  'error-codes': errorCodes,
  rules: rulesReference,
};
