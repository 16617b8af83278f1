import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Template } from '../../shared/deploy/template.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { readWrittenRulesFile } from '../../shared/rules/read.ts';
import type { Store } from '../oss/store/store.ts';
import type { LettersAt } from './letters.ts';

/** The files that may hold the rules in force. */
export interface RulesInForce {
  /** The rules file that all functions use; undefined: each uses the one in its code. */
  readonly rules: string | undefined;
  readonly template: Template;
  /** The folder that the `code` paths of the template start from. */
  readonly codeRoot: string;
}

/**
 * Returns the folders in which functions keep dead letters, by the rules in force; none when no rules can be read. The
 * functions' own rules stand in their code.
 */
export async function letterPlaces(
  { rules, template, codeRoot }: RulesInForce,
  stores: ReadonlyMap<CloudName, Store>,
): Promise<LettersAt[]> {
  const inCode = template.functions.map(({ code }) => join(resolve(codeRoot, code), 'rules.yaml'));
  const file = rules ?? inCode.find((each) => existsSync(each));
  if (file === undefined) return [];
  const written = await readWrittenRulesFile(file).catch(() => undefined);
  return [...(written?.deadLetters ?? [])].flatMap(([cloud, place]) => {
    const store = stores.get(cloud);
    return store === undefined ? [] : [{ cloud, store, place }];
  });
}
