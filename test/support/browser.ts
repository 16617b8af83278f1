import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { afterAll } from 'vitest';

/** The one without windows comes first: it takes half the CPU. */
const names = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome'];

/** Chromium on this machine: HOLDFAST_CHROMIUM, or the first of the names that is on the path. */
export const chromiumPath: string | undefined =
  process.env['HOLDFAST_CHROMIUM'] ??
  names
    .flatMap((name) => (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)))
    .find((file) => existsSync(file));

/** Whether tests that need a browser are left out; `.ci/run` asks for one, and then its absence is a failure. */
export const withoutBrowser = chromiumPath === undefined && process.env['HOLDFAST_BROWSER'] !== 'required';

/** A limit against hanging, on machines of any speed, in milliseconds. */
export const pageTimeout = 300_000;

/** One browser for the tests of a file, started when it is first asked for. */
export function sharedBrowser(): () => Promise<Browser> {
  let browser: Promise<Browser> | undefined;
  if (withoutBrowser) {
    process.stderr.write(
      'SKIPPED: no Chromium here (apt-get install chromium-headless-shell, or set HOLDFAST_CHROMIUM)\n',
    );
  }
  afterAll(async () => {
    await (await browser)?.close();
  });
  return () => {
    if (chromiumPath === undefined) {
      throw new Error(
        'HOLDFAST_BROWSER=required, and there is no Chromium: apt-get install chromium-headless-shell',
      );
    }
    // Chromium's sandbox refuses to run as root, which CI is.
    browser ??= chromium.launch({
      executablePath: chromiumPath,
      args: ['--no-sandbox', '--disable-gpu'],
      timeout: pageTimeout,
    });
    return browser;
  };
}
