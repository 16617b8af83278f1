import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import type { Cloud } from '../../local/cloud.ts';
import type { CloudName } from '../../shared/platform/address.ts';
import { hasCode } from '../../shared/platform/errors.ts';
import { formatInstant } from '../../shared/platform/instant.ts';
import { readRulesFile } from '../../shared/rules/read.ts';
import { runOnChange } from '../files/run-on-change.ts';
import { describeError, note, print, prose, showError } from '../terminal/output.ts';
import { printLocalLine } from './lines.ts';

/** The files of `holdfast local` that may change while it runs. */
export interface LocalFiles {
  readonly rules: string | undefined;
  readonly template: string | undefined;
  /** Their texts before the cloud read them, by path; undefined for one that could not be read. */
  readonly texts: ReadonlyMap<string, string | undefined>;
}

/** Remembers what is in the files, so that a change is seen although the cloud takes a while to start. */
export async function readLocalFiles(
  rules: string | undefined,
  template: string | undefined,
): Promise<LocalFiles> {
  const files = [rules, template].filter((file) => file !== undefined);
  return { rules, template, texts: await textsOf(files) };
}

/**
 * The rules that are in force, as a copy. Functions read their rules whenever an instance starts, so a file that is being edited
 * and has a mistake would reach them.
 */
export interface RulesCopy {
  /** The copy of the rules as they were at the start; undefined when there is no file. */
  readonly file: string | undefined;
  /** Makes another copy of a file. @returns its path */
  renew(file: string): Promise<string>;
  remove(): Promise<void>;
}

/**
 * Checks a rules file and copies it. It needs a rule for one of the clouds that are served.
 * @throws RULES_UNREADABLE, TEXT_ENCODING, RULES_INVALID, NO_RULE_FOR_CLOUD
 */
export async function copyRules(file: string | undefined, clouds: readonly CloudName[]): Promise<RulesCopy> {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-local-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  let count = 0;
  const renew = async (from: string) => {
    await checkRules(from, clouds); // a mistake is told by the name that the user knows
    const text = await readFile(from);
    count += 1;
    const copy = join(folder, String(count), basename(from));
    await mkdir(dirname(copy));
    await writeFile(copy, text);
    await checkRules(copy, clouds); // the file may have changed in between
    return copy;
  };
  try {
    if (file === undefined) return { file, renew, remove };
    return { file: await renew(file), renew, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws what reading the file throws, for the last cloud where none has a rule */
async function checkRules(file: string, clouds: readonly CloudName[]): Promise<void> {
  for (const [index, cloud] of clouds.entries()) {
    try {
      await readRulesFile(file, cloud);
      return;
    } catch (error) {
      if (!hasCode(error, 'NO_RULE_FOR_CLOUD') || index === clouds.length - 1) throw error;
    }
  }
}

/**
 * Lets the cloud follow its files until it is stopped. A change is in force with the line that tells of it. A file with a mistake
 * changes nothing: its error is shown, and what was in force before stays so.
 */
export async function followFiles(
  cloud: Cloud,
  { rules, texts }: LocalFiles,
  copy: RulesCopy,
  { json }: { readonly json?: boolean },
  stopped: Promise<void>,
): Promise<void> {
  const files = [...texts.keys()];
  if (files.length === 0) return await stopped;
  let seen = texts;
  const follow = async () => {
    const now = await textsOf(files);
    const changed = files.filter((file) => now.get(file) !== seen.get(file));
    if (changed.length === 0) return;
    seen = now;
    try {
      cloud.reload({ rules: rules === undefined ? undefined : await copy.renew(rules) });
      const at = formatInstant(cloud.time.now());
      if (json === true) printLocalLine('reloaded', { at, files: changed });
      else print(prose(`${at} ${changed.join(' and ')} reloaded: in force from now on`));
    } catch (error) {
      if (json === true) {
        printLocalLine('not-reloaded', { files: changed, error: describeError(error) });
        return;
      }
      showError(error, false);
      process.exitCode = 0; // it goes on
      note(`${changed.join(' and ')} not reloaded: what was in force before stays so`);
    }
  };
  try {
    await runOnChange(files, follow, stopped);
  } catch (error) {
    showError(error, json === true);
    process.exitCode = 0; // it goes on
    note(`${files.join(' and ')} cannot be watched: start again after a change`);
    await stopped;
  }
}

/** Returns what is in the files by their paths; of one that cannot be read, nothing. */
async function textsOf(files: readonly string[]): Promise<ReadonlyMap<string, string | undefined>> {
  const texts = await Promise.all(
    files.map(async (file) => [file, await readFile(file, 'utf8').catch(() => undefined)] as const),
  );
  return new Map(texts);
}
