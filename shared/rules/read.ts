import type { CloudName } from '../platform/address.ts';
import { failure, hasCode } from '../platform/errors.ts';
import { readTextFile } from '../platform/text.ts';
import { loadRules } from './load.ts';
import { rulesOrFailure } from './loaded.ts';
import type { Rules } from './types.ts';

/**
 * Returns rules from their text.
 * @throws RULES_INVALID with all mistakes, one a line; NO_RULE_FOR_CLOUD
 */
export function rulesFrom(text: string, file: string, cloud: CloudName = 'oss'): Rules {
  return rulesOrFailure(loadRules(text, file, cloud), file, cloud);
}

/**
 * Reads and checks a rules file.
 * @throws RULES_UNREADABLE, TEXT_ENCODING, RULES_INVALID, NO_RULE_FOR_CLOUD
 */
export async function readRulesFile(file: string, cloud: CloudName = 'oss'): Promise<Rules> {
  const text = await readTextFile(file).catch((cause: Error) => {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    throw failure('RULES_UNREADABLE', { source: file, reason: cause.message }, { cause });
  });
  return rulesFrom(text, file, cloud);
}
