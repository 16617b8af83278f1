import axe from 'axe-core';
import type { Page } from 'playwright-core';

/**
 * Asks axe what is wrong with a page that was opened with `bypassCSP`: axe is brought in as a script of the page's own,
 * which the page's policy would refuse.
 * @returns the rule and the first element of each complaint, of the page as it is, light, and of its colours in the dark
 */
export async function complaintsOfAxe(page: Page): Promise<unknown> {
  await page.evaluate(axe.source);
  const run = (options: string) =>
    page.evaluate<string[]>(
      `axe.run(${options}).then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
    );
  await page.emulateMedia({ colorScheme: 'light' });
  const all = await run('');
  await page.emulateMedia({ colorScheme: 'dark' });
  return [...all, ...(await run('{ runOnly: ["color-contrast"] }'))];
}
