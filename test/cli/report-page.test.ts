import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { reportCsv } from '../../cli/report/csv.ts';
import { mostRows, reportHtml } from '../../cli/report/html.ts';
import type { VersionPosture } from '../../shared/report/types.ts';
import { standingWords } from '../../shared/report/words.ts';
import { complaintsOfAxe } from '../support/axe.ts';
import { pageTimeout, sharedBrowser, withoutBrowser } from '../support/browser.ts';
import { nastyKeys, samplePosture, sampleVersions } from '../support/posture-sample.ts';

const folder = mkdtempSync(join(tmpdir(), 'holdfast-page-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const total = mostRows + 2000;
const mediumVersions = sampleVersions(1500);

/** Writes the page that the command would write; @returns its URL */
async function pageOf(name: string, versions: readonly VersionPosture[], posture = samplePosture(versions)) {
  async function* each() {
    yield* versions;
  }
  const template = readFileSync('dist/report-page/page.html', 'utf8');
  const file = join(folder, `${name}.html`);
  writeFileSync(file, await reportHtml(template, posture, each()));
  return pathToFileURL(file).href;
}

const browser = sharedBrowser();

describe.skipIf(withoutBrowser)(
  `the report's page in Chromium${withoutBrowser ? ' (left out: none is installed)' : ''}`,
  () => {
    let small = '';
    let medium = '';
    beforeAll(async () => {
      small = await pageOf('small', sampleVersions(300));
      medium = await pageOf('medium', mediumVersions);
    });

    /** Opens a page; whatever goes wrong in it, or asks the network for something, fails the test. */
    async function open(url: string, options: BrowserContextOptions = {}): Promise<Page> {
      const context = await (await browser()).newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      context.setDefaultTimeout(pageTimeout);
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on('console', (message) => wrong.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => wrong.push(error.message));
      page.on('request', (request) => {
        // What the page saves is in the browser itself.
        if (request.url() !== url && !request.url().startsWith('blob:'))
          wrong.push(`requested ${request.url()}`);
      });
      onTestFinished(async () => {
        await context.close();
        expect(wrong).toEqual([]);
      });
      await page.goto(url);
      return page;
    }

    const rows = (page: Page) => page.locator('.versions tbody tr.row');
    const keys = (page: Page) => page.locator('.versions tbody td.c-key > bdi').allTextContents();
    const head = (page: Page, name: string) => page.locator('.versions').getByRole('columnheader', { name });

    it('answers first whether everything is protected, and shows foreign text as text', async () => {
      const page = await open(small);
      const [heading] = await page.getByRole('heading').allTextContents();
      expect(heading).toMatch(
        /^Not everything is protected: \d+ versions and 1 bucket policy need attention\.$/,
      );
      expect(await page.title()).toBe('Holdfast retention report');
      const shown = await keys(page);
      expect(shown).toContain(nastyKeys[0]);
      expect(shown).toContain('账本/2026年/凭证 第一号.pdf');
      expect(shown).toContain('invoice⟨U+202E⟩fdp.exe');
      expect(await page.locator('script').count()).toBe(2);
    });

    it('holds 50,000 versions, the most urgent, says how many there are, and keeps few of them in the document', async () => {
      const page = await open(await pageOf('large', sampleVersions(total)));
      const said = page.getByRole('status');
      expect(await said.textContent()).toBe(
        '50,000 versions. This page holds the 50,000 most urgent of 52,000; the CSV has all.',
      );
      expect(await page.locator('.versions').getAttribute('aria-rowcount')).toBe('50001');
      expect(await rows(page).count()).toBeLessThan(80);
      const scroller = page.getByRole('region', { name: 'Versions, scrolls' });
      await scroller.focus();
      await page.keyboard.press('End');
      await page.locator('.versions tr[aria-rowindex="50001"]').waitFor();
      expect(await rows(page).count()).toBeLessThan(80);
    });

    it('filters by words, standing and bucket, all at once', async () => {
      const page = await open(medium);
      await page.getByLabel('Find').fill('LEDGER entry-99');
      expect(await page.getByRole('status').textContent()).toMatch(/^1\d of 1,500 versions/);
      for (const key of await keys(page)) expect(key).toMatch(/ledger.*entry-99/);
      await page.locator('#standing').selectOption(standingWords['too-short']);
      expect(await page.getByRole('status').textContent()).toBe('No version of 1,500 matches.');
      await page.getByLabel('Find').fill('');
      const short = mediumVersions.filter(({ standing }) => standing === 'too-short');
      const { bucket } = short[0] ?? { bucket: '' };
      await page.locator('#bucket').selectOption(bucket);
      const count = short.filter((one) => one.bucket === bucket).length;
      expect(await page.getByRole('status').textContent()).toContain(`${count} of 1,500 versions`);
      const standingsShown = await page.locator('.versions tbody .standing').allTextContents();
      expect(new Set(standingsShown)).toEqual(new Set([standingWords['too-short']]));
      const bucketsShown = await page.locator('.versions tbody td.c-bucket').allTextContents();
      expect(new Set(bucketsShown)).toEqual(new Set([bucket]));
    });

    it('sorts upwards, downwards and back by keyboard, and says so to a screen reader', async () => {
      const page = await open(medium);
      const urgent = await keys(page);
      const until = head(page, 'Held until');
      expect(await until.getAttribute('aria-sort')).toBe('none');
      await until.getByRole('button').focus();
      await page.keyboard.press('Enter');
      expect(await until.getAttribute('aria-sort')).toBe('ascending');
      expect(await page.locator('.versions tbody td.c-until').first().textContent()).toBe('2026-11-23');
      await page.keyboard.press('Space');
      expect(await until.getAttribute('aria-sort')).toBe('descending');
      expect(await page.locator('.versions tbody td.c-until').first().textContent()).toMatch(/^2036-/);
      await page.keyboard.press('Enter');
      expect(await until.getAttribute('aria-sort')).toBe('none');
      expect(await keys(page)).toEqual(urgent);
    });

    it('can be used by keyboard alone: the first stop skips to the versions', async () => {
      const page = await open(small);
      await page.keyboard.press('Tab');
      const focused = () => page.evaluate('document.activeElement.textContent');
      expect(await focused()).toBe('Skip to the versions');
      await page.keyboard.press('Enter');
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.id')).toBe('search');
    });

    it('follows the system into the dark, and its button turns it', async () => {
      const page = await open(small, { colorScheme: 'dark' });
      const ground = () => page.evaluate('getComputedStyle(document.documentElement).backgroundColor');
      const button = page.getByRole('button', { name: 'Dark' });
      expect(await button.getAttribute('aria-pressed')).toBe('true');
      expect(await ground()).toBe('rgb(20, 23, 26)');
      await button.click();
      expect(await button.getAttribute('aria-pressed')).toBe('false');
      expect(await ground()).toBe('rgb(255, 255, 255)');
      await page.emulateMedia({ colorScheme: 'light' });
      await button.click();
      expect(await ground()).toBe('rgb(20, 23, 26)');
    });

    it('draws when versions are let go, and has the same as a table', async () => {
      const page = await open(small);
      const bars = page.locator('.chart svg [aria-label="rect"] rect');
      const months = samplePosture(sampleVersions(300)).months;
      expect(await bars.count()).toBe(months.length);
      expect(await bars.first().locator('title').textContent()).toBe('2026-11: 1 version, 2.2 MiB');
      await page.getByRole('radio', { name: 'size' }).check();
      expect(await page.locator('.chart svg').textContent()).toContain('MiB');
      await page.getByText('The same as a table').click();
      const table = page.getByRole('table', { name: 'Versions by the month in which they become deletable' });
      expect(await table.getByRole('row').count()).toBe(months.length + 1);
    });

    it('prints light, without controls, up to a thousand rows, the key above the id: some twenty pages', async () => {
      const page = await open(medium, { colorScheme: 'dark' });
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      expect(await page.getByRole('button', { name: 'Print' }).isVisible()).toBe(false);
      expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      expect(await rows(page).count()).toBe(1000);
      expect(await page.locator('.printed').textContent()).toBe(
        'The first 1,000 of 1,500 rows; the CSV has all.',
      );
      const cell = page.locator('.versions tbody td.c-key').nth(7);
      expect(await cell.locator('small').isVisible()).toBe(true);
      expect(await cell.locator('small').textContent()).toMatch(/^CAEQ\d{8}$/);
      const pages = (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g)?.length;
      expect(pages).toBeGreaterThan(10);
      expect(pages).toBeLessThan(30);
      await page.emulateMedia({ media: 'screen' });
      await expect.poll(() => rows(page).count()).toBeLessThan(80);
    });

    it('fits a narrow screen: nothing scrolls sideways, and each cell says its title', async () => {
      const page = await open(small, { viewport: { width: 360, height: 740 } });
      for (const element of ['document.documentElement', "document.querySelector('.scroller')"]) {
        const width = page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`);
        expect(await width).toBe(0);
      }
      const titled = `getComputedStyle(document.querySelector('.versions td.c-until'), '::before').content`;
      expect(await page.evaluate(titled)).toBe('"Held until "');
      await page.locator('#sort').selectOption('held until');
      expect(await page.locator('.versions tbody td.c-until').first().textContent()).toBe('2026-11-23');
      const fresh = rows(page).nth(1);
      await fresh.click();
      expect(
        await page
          .getByRole('definition')
          .filter({ hasText: /^CAEQ\d{8}$/ })
          .isVisible(),
      ).toBe(true);
    });

    it('marks as bad only what is bad, and says what to do about each reason', async () => {
      const page = await open(small);
      const tile = page.locator('.figures div', { hasText: 'Bucket policies' });
      expect(await tile.locator('b').textContent()).toBe('1 of 5');
      const colors = page.evaluate(
        `[...document.querySelectorAll('.figures b:has(.bad), .figures .bad')].map((one) => getComputedStyle(one).color === getComputedStyle(document.body).color)`,
      );
      expect(await colors).toEqual([true, false, true, false, true, false]);
      const why = page.getByRole('table', { name: 'Versions by the reason for which they need attention' });
      expect(await why.getByRole('row', { name: 'NO_RETENTION' }).textContent()).toContain(
        'run holdfast protect on the bucket',
      );
      const unread = page.getByRole('table', { name: 'Buckets that could not be read' });
      expect(await unread.textContent()).toContain('allow oss:ListObjectVersions on the bucket');
      await why.getByRole('link', { name: '7' }).click();
      await expect.poll(() => page.getByRole('status').textContent()).toMatch(/^7 of 300/);
    });

    it('says the rules in words, the account, the region, the version, and who made it', async () => {
      const page = await open(small);
      const rules = page.getByRole('table', { name: 'Rules, and how long they retain' });
      expect(await rules.getByRole('row', { name: 'finance' }).textContent()).toContain('HGB § 257 (4)');
      expect(await rules.getByRole('row', { name: 'contracts' }).textContent()).toContain(
        'the date in tag closed-on',
      );
      const about = await page.locator('section', { hasText: 'About this report' }).innerText();
      for (const fact of ['1234567890123456', 'cn-hangzhou', 'Holdfast 0.1.0', 'LTAI5tExampleKeyId'])
        expect(about).toContain(fact);
    });

    it('opens a row to all that is known of the version, by mouse and by keyboard', async () => {
      const page = await open(small);
      const details = page.locator('.versions tr.details');
      const button = rows(page).nth(2).getByRole('button');
      await button.focus();
      await page.keyboard.press('Enter');
      expect(await button.getAttribute('aria-expanded')).toBe('true');
      expect(await page.evaluate('document.activeElement.getAttribute("aria-expanded")')).toBe('true');
      const said = await details.innerText();
      for (const part of [/CAEQ\d{8}/, 'NO_RETENTION', 'holdfast doctor', /Last-Modified\s+2026-/, / bytes/])
        expect(said).toMatch(part);
      await page.keyboard.press('Enter');
      expect(await details.count()).toBe(0);
      await page.getByLabel('Find').fill('legal hold');
      await rows(page).first().locator('td.c-key').click();
      expect(await details.innerText()).toMatch(/Held until\s+\S+T10:00:00Z, COMPLIANCE.*Legal hold\s+on/s);
    });

    it('keeps filter and order in its address', async () => {
      const page = await open(small);
      await page.getByLabel('Find').fill('entry');
      await page.locator('#bucket').selectOption('audit-eu');
      await head(page, 'Key').getByRole('button').click();
      await page.waitForURL(/sort=key/);
      const other = await open(small);
      await other.goto(page.url());
      expect(await other.getByLabel('Find').inputValue()).toBe('entry');
      expect(await other.locator('#bucket').inputValue()).toBe('audit-eu');
      expect(await head(other, 'Key').getAttribute('aria-sort')).toBe('ascending');
      expect(await keys(other)).toEqual(await keys(page));
      await other.getByRole('button', { name: 'Show all' }).click();
      expect(await other.getByRole('status').textContent()).toMatch(/^300 versions/);
    });

    it('saves the versions that are shown as CSV, with the columns of the command', async () => {
      const page = await open(small);
      await page.getByLabel('Find').fill('HYPERLINK');
      const saving = page.waitForEvent('download');
      await page.getByRole('button', { name: 'CSV of these' }).click();
      const saved = await saving;
      const file = join(folder, 'saved.csv');
      await saved.saveAs(file);
      async function* one() {
        yield* sampleVersions(300).slice(3, 4);
      }
      const wanted: string[] = [];
      for await (const text of reportCsv(one())) wanted.push(text);
      expect(readFileSync(file, 'utf8')).toBe(wanted.join(''));
    });

    it('says where there is nothing to show', async () => {
      const posture = { ...samplePosture([]), troubles: [], policies: [], reasons: [] };
      const page = await open(await pageOf('empty', [], posture));
      const said = await page.getByRole('main').innerText();
      for (const text of [
        'No version and no bucket needs attention.',
        'No bucket rule matches a bucket that was looked at.',
        'Nothing is held.',
        'No version was found.',
      ])
        expect(said).toContain(text);
      const filtered = await open(small);
      await filtered.getByLabel('Find').fill('no such key');
      expect(await filtered.getByRole('status').textContent()).toBe('No version of 300 matches.');
      expect(await filtered.getByRole('button', { name: 'CSV of these' }).isDisabled()).toBe(true);
    });

    it('has nothing that axe complains about, light and dark', async () => {
      const page = await open(small, { bypassCSP: true });
      expect(await complaintsOfAxe(page)).toEqual([]);
    });
  },
);
