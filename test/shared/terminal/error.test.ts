import { expect, it } from 'vitest';
import { errorTable } from '../../../shared/platform/error-table.ts';
import { HoldfastError } from '../../../shared/platform/errors.ts';
import { exitCodeOf } from '../../../shared/terminal/error.ts';

/** What the service gives or keeps, not the caller. */
const ofTheService = ['CERTIFICATE_INVALID', 'CREDENTIALS_INVALID', 'CURSOR_INVALID', 'INVENTORY_INVALID'];

it('gives exit code 2 for every file of the caller that is not what it should be', () => {
  const codes = Object.keys(errorTable).filter((code) => code.endsWith('_INVALID'));
  const others = codes.filter((code) => exitCodeOf(errorOf(code)) !== 2);
  expect(others.sort()).toEqual(ofTheService);
});

function errorOf(text: string): HoldfastError {
  const code = Object.keys(errorTable).find((each): each is keyof typeof errorTable => each === text);
  if (code === undefined) throw new Error(text);
  return new HoldfastError(code, '', '', false, {});
}
