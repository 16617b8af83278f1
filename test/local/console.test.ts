import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { createPlainBucket, localTransport, uploadLocal } from '../../cli/local/store.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { createRetentionBucket } from '../../local/plain-client.ts';
import { storageOver } from '../../shared/storage/oss/index.ts';
import { versionId } from '../../shared/storage/port.ts';
import { complaintsOfAxe } from '../support/axe.ts';
import { pageTimeout, sharedBrowser, withoutBrowser } from '../support/browser.ts';
import { timerTrigger, writeFunctionsIn } from '../support/functions.ts';

/** Keys that a page must show as they are: markup, marks of direction, line breaks, and nothing at all. */
const hostile = [
  '<script>document.title="owned"</script>',
  '<img src=x onerror="document.title=\'owned\'">',
  '"><b>bold</b>&amp;',
  'invoice\u202efdp.exe',
  'two\nlines',
  '账本/凭证 第一号.pdf',
];
const code = `exports.handler = async (event) => {
  console.log('<script>document.title="owned"</script>');
  if (String(event).includes('fail')) throw new Error('<b>no</b>');
  return '"<i>done</i>"';
};`;

const folder = mkdtempSync(join(tmpdir(), 'holdfast-console-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const browser = sharedBrowser();

describe.skipIf(withoutBrowser)(
  `the console in Chromium${withoutBrowser ? ' (left out: none is installed)' : ''}`,
  () => {
    let cloud: Cloud;
    let transport: ReturnType<typeof localTransport>;
    beforeAll(async () => {
      const functions = writeFunctionsIn(folder, { f: { code, triggers: [timerTrigger('0 0 * * * *')] } });
      cloud = await startCloud({
        ...functions,
        clock: new Date('2027-03-01T10:05:00Z'),
        clouds: ['oss', 'obs'],
      });
      transport = localTransport(cloud.url);
      const client = await createRetentionBucket(cloud.url, 'mine');
      for (const key of hostile) {
        await uploadLocal(transport, 'mine', { key, body: Buffer.from(key), tags: { note: 'a b' } });
      }
      await client.delete('two\nlines');
      await createPlainBucket(transport, 'archive');
      await storageOver(transport).policies.initiatePolicy('archive', 30);
    });
    afterAll(async () => {
      transport.close();
      await cloud.close();
    });

    /** Opens the console; whatever goes wrong in it, or is asked of another place, fails the test. */
    async function open(query = '', options: BrowserContextOptions = {}): Promise<Page> {
      const context = await (await browser()).newContext({
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      context.setDefaultTimeout(pageTimeout);
      const page = await context.newPage();
      const wrong: string[] = [];
      // A refused call is a line in the browser's console too; the page shows it, and the test looks there.
      page.on('console', (message) => {
        if (!message.text().startsWith('Failed to load resource')) wrong.push(message.text());
      });
      page.on('pageerror', (error) => wrong.push(error.message));
      page.on('request', (request) => {
        if (!request.url().startsWith(`${cloud.url}/_local`)) wrong.push(`requested ${request.url()}`);
      });
      onTestFinished(async () => {
        await context.close();
        expect(wrong).toEqual([]);
      });
      await page.goto(`${cloud.url}/_local${query}`);
      await page.getByRole('button', { name: 'oss://mine' }).waitFor();
      return page;
    }

    const table = (page: Page, section: string) => page.locator(`#${section} table`);
    const rowOf = (page: Page, name: string) =>
      page.getByRole('row').filter({ has: page.getByRole('rowheader', { name }) });

    it('is found without the slash, cannot be framed, and runs no script but its own', async () => {
      const reply = await fetch(`${cloud.url}/_local`);
      expect(reply.url).toBe(`${cloud.url}/_local/`);
      expect(reply.headers.get('content-security-policy')).toBe("frame-ancestors 'none'");
      expect(reply.headers.get('x-frame-options')).toBe('DENY');
      const html = await reply.text();
      expect(html).toContain("default-src 'none'");
      expect(html).not.toContain('%SCRIPT_HASH%');
      const foreign = await fetch(`${cloud.url}/_local/`, { headers: { origin: 'http://evil.example' } });
      expect(foreign.status).toBe(403);
    });

    it('shows buckets of both clouds with the hours left to lock', async () => {
      const page = await open();
      const cells = rowOf(page, 'oss://archive').getByRole('cell');
      expect(await cells.allTextContents()).toEqual([
        'Unversioned',
        'off',
        'InProgress',
        '30',
        expect.stringMatching(/^2[34]\.\d$/),
        expect.stringMatching(/^2027-03-01 10:0\d:\d\d UTC$/),
      ]);
      expect(await rowOf(page, 'oss://mine').getByRole('cell').first().textContent()).toBe('Enabled');
    });

    it('shows hostile keys as text, delete markers, tags, and what may be deleted', async () => {
      const page = await open();
      await page.getByRole('button', { name: 'oss://mine' }).click();
      await table(page, 'versions').waitFor();
      const keys = await page.locator('#versions tbody th > bdi').allTextContents();
      expect(keys).toEqual(
        expect.arrayContaining([
          '<script>document.title="owned"</script>',
          '<img src=x onerror="document.title=\'owned\'">',
          '"><b>bold</b>&amp;',
          'invoice⟨U+202E⟩fdp.exe',
          'two⟨U+000A⟩lines',
          '账本/凭证 第一号.pdf',
        ]),
      );
      expect(keys).toHaveLength(7);
      expect(await page.title()).toBe('Holdfast local console');
      expect(await page.locator('#versions :is(b, img, script)').count()).toBe(0);
      expect(await page.getByText('delete marker', { exact: true }).count()).toBe(1);
      expect(await page.getByText('note=a b').count()).toBe(6);
      expect(new URL(page.url()).search).toBe('?cloud=oss&bucket=mine');
      await page.getByLabel('Keys that begin with').fill('invoice');
      await expect.poll(() => page.locator('#versions tbody tr').count()).toBe(1);
      await page.reload(); // the address bar says what is shown
      await expect.poll(() => page.locator('#versions tbody tr').count()).toBe(1);
    });

    it('turns pages, and says so when the bucket is not there', async () => {
      await createPlainBucket(transport, 'many');
      await Promise.all(
        [...Array(101).keys()].map((index) =>
          uploadLocal(transport, 'many', { key: `k${1000 + index}`, body: Buffer.from('x'), tags: {} }),
        ),
      );
      const page = await open('/?bucket=many');
      const first = () => page.locator('#versions tbody th > bdi').first().textContent();
      await expect.poll(first).toBe('k1000');
      await page.getByRole('button', { name: 'Next page' }).click();
      await expect.poll(first).toBe('k1100');
      expect(await page.getByRole('button', { name: 'Next page' }).isVisible()).toBe(false);
      await page.getByRole('button', { name: 'First page' }).click();
      await expect.poll(first).toBe('k1000');
      const lost = await open('/?cloud=obs&bucket=nothing');
      await lost.getByText('there is no bucket obs://nothing: GET /_local/buckets lists them').waitFor();
    });

    it('lets time pass by keyboard, and tells what fired and which policies changed', async () => {
      const page = await open();
      const hour = page.getByRole('button', { name: 'An hour' });
      await hour.focus();
      await page.keyboard.press('Enter');
      const said = page.locator('#clock').getByRole('status');
      await expect.poll(() => said.textContent()).toMatch(/^An hour has passed\. 1 run; no bucket policies/);
      expect(await rowOf(page, 'f').getByRole('cell').allTextContents()).toEqual([
        'oss',
        'timer',
        'succeeded',
        '1',
      ]);
      expect(await page.evaluate('document.activeElement.textContent')).toBe('An hour');
      await page.getByLabel('Other span').fill('nonsense');
      await page.keyboard.press('Enter');
      await expect.poll(() => said.textContent()).toMatch(/^Time has not passed\. "nonsense" is not a span/);
      const before = cloud.time.now().getTime();
      await page.getByRole('button', { name: 'A year' }).click();
      await expect.poll(() => said.textContent()).toMatch(/^A year has passed\. \d+ runs; 1 bucket policy/);
      expect((cloud.time.now().getTime() - before) / 86_400_000).toBeCloseTo(365, 1);
      const change = page.getByRole('table', { name: 'Policies that changed meanwhile' });
      expect(await change.getByRole('row').last().textContent()).toContain(
        'InProgress, 30 daysExpired, 30 days',
      );
    });

    it('counts what fired since the button was pressed, also when it follows nothing', async () => {
      const page = await open();
      await page.locator('#live').click();
      await cloud.fc.invoke('f', Buffer.from('1'));
      const said = page.locator('#clock [role=status]');
      await page.getByLabel('Other span').fill('1min');
      await page.getByRole('button', { name: 'Let it pass' }).click();
      await expect.poll(() => said.textContent()).toMatch(/^1min has passed\. (Nothing fired|1 run;)/);
      const fired = page.getByRole('table', { name: 'What fired' });
      expect(await fired.getByText('api').count()).toBe(0);
    });

    it('shows a legal hold, and says so when a reply has another form', async () => {
      const storage = storageOver(transport);
      await createRetentionBucket(cloud.url, 'held');
      const { versionId: id } = await storage.writeText({ bucket: 'held', key: 'a' }, 'a');
      await storage.holds?.putHold({ bucket: 'held', key: 'a', versionId: versionId(String(id)) }, 'ON');
      const page = await open('/?bucket=held');
      const cells = page.locator('#versions tbody tr').first().getByRole('cell');
      await expect.poll(() => cells.allTextContents()).toContain('on');
      expect(await cells.last().textContent()).toBe('refused');
      await page.route('**/_local/versions?*', (route) =>
        route.fulfill({ json: { versions: [{ key: 1 }] } }),
      );
      await page.locator('#versions').getByText('has another form than this page knows').waitFor();
    });

    it('lists runs with their logs and events as text, keeps them unfolded, and fires a timer', async () => {
      await cloud.fc.invoke('f', Buffer.from('1'));
      const page = await open();
      const runs = page.locator('.runs > details');
      const latest = () => runs.first().getAttribute('id');
      const before = await latest();
      await page.getByRole('button', { name: 'Fire now: timer of f (oss)' }).click();
      await expect.poll(latest).not.toBe(before);
      await runs.first().locator('summary').click();
      await cloud.fc.invoke('f', Buffer.from('"fail <script>"'));
      await page
        .getByText('UnhandledInvocationError')
        .or(page.getByText('Error: <b>no</b>'))
        .first()
        .waitFor();
      expect(await runs.nth(1).getAttribute('open')).toBe('');
      const log = runs.nth(1).getByRole('region', { name: 'Log' });
      expect(await log.textContent()).toContain('<script>document.title="owned"</script>');
      expect(await page.title()).toBe('Holdfast local console');
      expect(await page.locator('.runs :is(b, i, script)').count()).toBe(0);
    });

    it('switches faults on and off, one by one, and says what is wrong with a rule', async () => {
      const page = await open();
      onTestFinished(() => cloud.oss.faults.clear());
      const killed = page.getByRole('switch', { name: 'One instance in five is killed' });
      const slow = page.getByRole('switch', { name: 'Every request waits for half a second' });
      for (const each of await page.getByRole('switch').all()) {
        await each.check();
        await expect.poll(() => each.isChecked()).toBe(true);
      }
      await expect.poll(() => cloud.oss.faults.list().length + cloud.fc.weather.list().length).toBe(7);
      await slow.uncheck();
      await expect.poll(() => cloud.oss.faults.list().length).toBe(3);
      await page.getByLabel('Another rule').fill('{"effect":{"explode":1}}');
      await page.getByRole('button', { name: 'Switch on' }).click();
      await page.locator('#faults').getByText('this is no fault rule').waitFor();
      await page.getByLabel('Another rule').fill('{"operation":"GetBucketAcl","effect":{"delayMs":1}}');
      await page.getByRole('button', { name: 'Switch on' }).click();
      await page.getByRole('button', { name: /^Switch off .*GetBucketAcl/ }).click();
      await expect.poll(() => page.getByRole('button', { name: /^Switch off/ }).count()).toBe(0);
      expect(await killed.isChecked()).toBe(true);
      for (const each of await page.getByRole('switch').all()) await each.uncheck();
      await expect.poll(() => cloud.oss.faults.list().length + cloud.fc.weather.list().length).toBe(0);
    });

    it('fits pages from 1400 to 320 px', async () => {
      const page = await open('/?bucket=mine');
      await table(page, 'versions').waitFor();
      for (const width of [1400, 800, 390, 320]) {
        await page.setViewportSize({ width, height: 740 });
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      }
    });

    it.each([1280, 390])('has nothing that axe complains about, light and dark (%i px)', async (width) => {
      const page = await open('/?bucket=mine', { bypassCSP: true, viewport: { width, height: 800 } });
      await table(page, 'versions').waitFor();
      await page.locator('.runs summary').first().click();
      expect(await complaintsOfAxe(page)).toEqual([]);
    });
  },
);
