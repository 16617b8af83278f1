import { byId } from '../../shared/page/dom.ts';
import { startTheme } from '../../shared/page/theme.ts';
import type { PageData } from '../../shared/posture/page-data.ts';
import { attentionSection, footerOf, policiesSection, rulesSection, upkeepSection } from './sections.ts';
import { headlineOf, keyFigures } from './summary.ts';
import { timeline } from './timeline.ts';
import { versionsSection } from './versions.ts';

/** The data stands in the page itself, written by the program that made the page. */
const data: PageData = JSON.parse(byId('data').textContent ?? '');
const { posture } = data;

const parts = [
  headlineOf(data),
  keyFigures(posture),
  attentionSection(posture),
  policiesSection(posture),
  timeline(posture),
  rulesSection(posture),
  upkeepSection(posture),
  versionsSection(data),
  footerOf(posture),
];
byId('main').append(...parts.filter((part) => part instanceof Node));

startTheme(byId('theme'));
byId('print').addEventListener('click', () => print());
