import { rulesRow } from '../../shared/export/rows.ts';
import type { RulesSeen } from '../../shared/export/rules-seen.ts';
import { HoldfastError } from '../../shared/platform/errors.ts';
import { hashRules } from '../../shared/rules/hash-rules.ts';
import { rulesFrom } from '../../shared/rules/read.ts';
import type { Rules } from '../../shared/rules/types.ts';
import type { ExportRun } from './world.ts';

/** Rules that the evidence names, in the pack. */
interface RulesInPack {
  /** The name of the file, or words where there is none. */
  readonly text: string;
  /** Tells whether the text has the fingerprint that the evidence gives it; empty where there is no text. */
  readonly fits: 'yes' | 'no' | '';
}

/**
 * Writes the rules of today, and those that the evidence names, with their texts where it has them.
 * @returns the fingerprints of those without a text
 * @throws FILE_UNWRITABLE
 */
export async function exportRules(
  run: ExportRun,
  seen: ReadonlyMap<string | undefined, RulesSeen>,
): Promise<string[]> {
  const { pack, scope } = run;
  if (scope.rules.text !== undefined) await pack.file(today, scope.rules.text);
  const without: string[] = [];
  for (const [index, each] of [...seen.values()].entries()) {
    const texts = await textsInPack(run, each, index);
    for (const { text, fits } of texts) await pack.row('rules', rulesRow(each, text, fits));
    if (texts.length > 0) continue;
    const { fingerprint } = each;
    const isToday = fingerprint === hashRules(scope.rules);
    if (fingerprint !== undefined && !isToday) without.push(fingerprint);
    await pack.row('rules', rulesRow(each, isToday ? today : notKept(fingerprint), isToday ? 'yes' : ''));
  }
  return without;
}

const today = 'rules/today.yaml';

const notKept = (fingerprint: string | undefined): string =>
  fingerprint === undefined ? 'not named by these files, which an earlier version wrote' : 'not kept';

/** Writes the texts that the evidence has of rules. @param index among all that it names */
async function textsInPack(
  { pack, scope }: ExportRun,
  { fingerprint, texts }: RulesSeen,
  index: number,
): Promise<RulesInPack[]> {
  // A fingerprint is text from the evidence, and a name of a file only where it has the form of one.
  const [, hex] = /^sha256:([0-9a-f]{64})$/.exec(fingerprint ?? '') ?? [];
  const written: RulesInPack[] = [];
  for (const [number, content] of texts.entries()) {
    const text = `rules/${hex ?? `other-${index + 1}`}${number === 0 ? '' : `-${number + 1}`}.yaml`;
    await pack.file(text, content);
    written.push({ text, fits: fingerprintOf(content, scope.rules) === fingerprint ? 'yes' : 'no' });
  }
  return written;
}

/** Undefined for what are no rules, to this version of Holdfast. */
function fingerprintOf(text: string, { cloud }: Rules): string | undefined {
  try {
    return hashRules(rulesFrom(text, 'rules.yaml', cloud));
  } catch (error) {
    if (!(error instanceof HoldfastError)) throw error;
    return undefined;
  }
}
