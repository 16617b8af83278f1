import { type CloudName, schemeOf } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { readTextFile } from '../platform/text.ts';
import { loadRules, loadRulesOf, readRulesDocument } from './load.ts';
import { invalidRules, rulesOrFailure } from './loaded.ts';
import type { Rules, WrittenRules } from './types.ts';

/**
 * Returns rules from their text.
 * @throws RULES_INVALID with all mistakes, one a line; NO_RULE_FOR_CLOUD
 */
export function rulesFrom(text: string, file: string, cloud: CloudName = 'oss'): Rules {
  return { ...rulesOrFailure(loadRules(text, file, cloud), file, cloud), text };
}

/**
 * Reads and checks a rules file.
 * @throws RULES_UNREADABLE, TEXT_ENCODING, RULES_INVALID, NO_RULE_FOR_CLOUD
 */
export async function readRulesFile(file: string, cloud: CloudName = 'oss'): Promise<Rules> {
  return rulesFrom(await readRulesText(file), file, cloud);
}

/**
 * Reads and checks a rules file, for all clouds that it is written for.
 * @throws RULES_UNREADABLE, TEXT_ENCODING, RULES_INVALID
 */
export async function readWrittenRulesFile(file: string): Promise<WrittenRules> {
  return writtenRulesFrom(await readRulesText(file), file);
}

/**
 * Returns rules from their text, for all clouds that they are written for.
 * @throws RULES_INVALID
 */
export function writtenRulesFrom(text: string, file: string): WrittenRules {
  const loaded = loadRulesOf(readRulesDocument(text, file));
  if (loaded.ok) return loaded.written;
  throw invalidRules(loaded.problems, file);
}

/** Reads the text of a rules file, which may have mistakes. @throws RULES_UNREADABLE, TEXT_ENCODING */
export async function readRulesText(file: string): Promise<string> {
  return await readTextFile(file).catch((cause: Error) => {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    if (schemeOf(file) === undefined)
      throw failure('RULES_UNREADABLE', { source: file, reason: cause.message }, { cause });
    const reason = 'this command reads a file, and no object of the cloud';
    throw failure('RULES_UNREADABLE', { source: file, reason }, { cause, remedy: copyFirst });
  });
}

/** Says what helps where a command that asks nothing of the cloud is given the address of an object. */
export const copyFirst = 'copy the object into a file first, and name that';
