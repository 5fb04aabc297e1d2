// Looks for what is wrong with the documents: broken links and anchors, spelling, members of the API without a word on
// them, commands that there are not, sentences that the program does not say, and prices that are none.
//
//   node build-tools/docs-lint.mjs            all checks
//   node build-tools/docs-lint.mjs links      one of them: links, spelling, members, commands, sentences, prices
//
// Needs what `npx projen compile` makes, and no network: of links to other sites, only the form is looked at.
import { checkCommands } from './docs-lint/commands.mjs';
import { documents } from './docs-lint/documents.mjs';
import { checkLinks } from './docs-lint/links.mjs';
import { checkMembers } from './docs-lint/members.mjs';
import { checkPrices } from './docs-lint/prices.mjs';
import { checkSentences } from './docs-lint/sentences.mjs';
import { checkSpelling } from './docs-lint/spelling.mjs';

const CHECKS = {
  links: checkLinks, spelling: checkSpelling, members: checkMembers, commands: checkCommands, sentences: checkSentences, prices: checkPrices,
};

const asked = process.argv.slice(2);
const unknown = asked.filter(name => !(name in CHECKS));
if (unknown.length > 0) {
  console.error(`docs-lint: there is no check ${unknown.join(', ')}: give some of ${Object.keys(CHECKS).join(', ')}`);
  process.exit(2);
}
const files = documents();
let count = 0;
for (const name of asked.length > 0 ? asked : Object.keys(CHECKS)) {
  const problems = CHECKS[name](files);
  problems.forEach(problem => console.error(`${name}: ${problem}`));
  count += problems.length;
}
console.log(`docs-lint: ${files.length} documents, ${count} ${count === 1 ? 'problem' : 'problems'}`);
process.exit(count === 0 ? 0 : 1);
