import { buffer } from 'node:stream/consumers';
import { schemeOf } from '../../shared/platform/address.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { decodeText, readTextFile } from '../../shared/platform/text.ts';
import { copyFirst, readRulesText } from '../../shared/rules/read.ts';

/**
 * Returns a file that was named on the command line; `-` is standard input.
 * @throws FILE_UNREADABLE, TEXT_ENCODING
 */
export async function readText(file: string): Promise<string> {
  if (file === '-') return await readStandardInput();
  return await readTextFile(file).catch((cause: Error) => {
    if (hasCode(cause, 'TEXT_ENCODING')) throw cause;
    const remedy = schemeOf(file) === undefined ? undefined : copyFirst;
    throw failure('FILE_UNREADABLE', { file, reason: cause.message }, { cause, ...(remedy && { remedy }) });
  });
}

/**
 * Returns a rules file that was named on the command line; `-` is standard input.
 * @throws RULES_UNREADABLE, TEXT_ENCODING
 */
export const readRulesInput = async (file: string): Promise<string> =>
  file === '-' ? await readStandardInput() : await readRulesText(file);

/** This is what was read of each standard input, so that whoever names it twice reads the same twice. */
const inputs = new WeakMap<NodeJS.ReadStream, Promise<Uint8Array>>();

async function readStandardInput(): Promise<string> {
  const { stdin } = process;
  const reading = inputs.get(stdin) ?? buffer(stdin);
  inputs.set(stdin, reading);
  return decodeText(await reading, 'standard input');
}
