import { schemeOf } from '../../shared/platform/address.ts';
import { failure, hasCode } from '../../shared/platform/errors.ts';
import { bytesUpTo, decodeText, mostOfText, readTextFile } from '../../shared/platform/text.ts';
import { copyFirst, readRulesText } from '../../shared/rules/read.ts';

/**
 * Returns a file that was named on the command line; `-` is standard input.
 * @param most the most bytes that it may have
 * @throws FILE_UNREADABLE, TEXT_ENCODING
 */
export async function readText(file: string, most = mostOfText): Promise<string> {
  if (file === '-') return await readStandardInput(most);
  return await readTextFile(file, most).catch((cause: Error) => {
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
  file === '-' ? await readStandardInput(mostOfText) : await readRulesText(file);

/** This is what was read of each standard input, so that whoever names it twice reads the same twice. */
const inputs = new WeakMap<NodeJS.ReadStream, Promise<Uint8Array>>();

async function readStandardInput(most: number): Promise<string> {
  const { stdin } = process;
  const file = 'standard input';
  const reading = inputs.get(stdin) ?? bytesUpTo(stdin, most);
  inputs.set(stdin, reading);
  const bytes = await reading.catch((cause: Error) => {
    throw failure('FILE_UNREADABLE', { file, reason: cause.message }, { cause });
  });
  return decodeText(bytes, file);
}
