import { Command } from 'commander';
import { afterEach, expect, it, vi } from 'vitest';
import { runDisposition } from '../../cli/disposition/world.ts';
import { interrupt, isStop } from '../../cli/terminal/interrupt.ts';
import { failure } from '../../shared/platform/errors.ts';

afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});

const unwritable = () => failure('FILE_UNWRITABLE', { file: 'd/plan.json', reason: 'ENOSPC' });

it('tells the stop from what failed while work was stopped', () => {
  const stop = new AbortController();
  const aborted = new DOMException('This operation was aborted', 'AbortError');
  expect(isStop(stop.signal, aborted)).toBe(false);
  stop.abort();
  expect(isStop(stop.signal, stop.signal.reason)).toBe(true);
  expect(isStop(stop.signal, aborted)).toBe(true);
  expect(isStop(stop.signal, unwritable())).toBe(false);
  expect(isStop(stop.signal, new TypeError('a fault'))).toBe(false);
  const other = new AbortController();
  other.abort('why');
  expect(isStop(other.signal, 'why')).toBe(true);
});

it('an operation that is stopped says so, and one that fails meanwhile fails', async () => {
  const said = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  await runDisposition(new Command(), 'nothing was planned', ({ signal }) => {
    interrupt();
    return Promise.reject(signal.reason);
  });
  expect(process.exitCode).toBe(130);
  expect(String(said.mock.calls)).toContain('interrupted: nothing was planned');

  said.mockClear();
  const failing = runDisposition(new Command(), 'nothing was planned', () => {
    interrupt();
    return Promise.reject(unwritable());
  });
  await expect(failing).rejects.toMatchObject({ code: 'FILE_UNWRITABLE' });
  expect(String(said.mock.calls)).not.toContain('interrupted');
});
