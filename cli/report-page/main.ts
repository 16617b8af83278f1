import type { PageData } from '../../shared/posture/page-data.ts';
import { byId } from './dom.ts';
import {
  footerOf,
  headlineOf,
  keyFigures,
  policiesSection,
  rulesSection,
  upkeepSection,
  whySection,
} from './summary.ts';
import { timeline } from './timeline.ts';
import { versionsSection } from './versions.ts';

/** The data stands in the page itself, written by the program that made the page. */
const data: PageData = JSON.parse(byId('data').textContent ?? '');
const { posture } = data;

const parts = [
  headlineOf(data),
  keyFigures(posture),
  whySection(posture),
  timeline(posture),
  rulesSection(posture),
  policiesSection(posture),
  upkeepSection(posture),
  versionsSection(data),
  footerOf(posture),
];
byId('main').append(...parts.filter((part) => part instanceof Node));

const theme = byId('theme');
const root = document.documentElement;
const setDark = (dark: boolean) => {
  root.dataset['theme'] = dark ? 'dark' : 'light';
  theme.setAttribute('aria-pressed', String(dark));
};
const system = matchMedia('(prefers-color-scheme: dark)');
theme.setAttribute('aria-pressed', String(system.matches));
theme.addEventListener('click', () => setDark(theme.getAttribute('aria-pressed') !== 'true'));
byId('print').addEventListener('click', () => print());
