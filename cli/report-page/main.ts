import { byId } from '../../shared/page/dom.ts';
import { startTheme } from '../../shared/page/theme.ts';
import type { PageData } from '../../shared/report/page-data.ts';
import { aboutSection, rulesInWords } from './about.ts';
import { attentionSection, policiesSection, rulesSection, upkeepSection } from './sections.ts';
import { headlineOf, keyFigures } from './summary.ts';
import { timeline } from './timeline.ts';
import { versionsSection } from './versions.ts';

/** The data stands in the page itself, written by the program that made the page. */
const data: PageData = JSON.parse(byId('data').textContent ?? '');
const { posture } = data;

byId('main').append(
  headlineOf(data),
  keyFigures(posture),
  attentionSection(posture),
  policiesSection(posture),
  timeline(posture),
  rulesSection(posture),
  rulesInWords(posture),
  upkeepSection(posture),
  aboutSection(posture),
  versionsSection(data),
);

startTheme(byId('theme'));
byId('print').addEventListener('click', () => print());
// Its address would take the place of the one that keeps the filter.
byId('skip').addEventListener('click', (event) => {
  event.preventDefault();
  byId('versions').focus();
});
