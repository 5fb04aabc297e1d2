// Writes what docs/security.md says of rights and ports, from templates that are synthesized for it.
//
//   node build-tools/security-doc.mjs
//
// Needs what `npx projen compile` makes. Why a right is there stands in build-tools/security-doc/reasons.cjs.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { defaultTemplate, grantTemplate, GRANTS, optionTemplate, OPTIONS, vastCloudTemplate } from './synthesis.mjs';

const require = createRequire(import.meta.url);
const { fillSections, table } = require('./generated-sections.cjs');
const { untrueClaims } = require('./security-doc/claims.cjs');
const { Reasons } = require('./security-doc/reasons.cjs');
const { rolesOf, rulesOf, statementsOf } = require('./security-doc/statements.cjs');
const { nameOf } = require('./security-doc/words.cjs');

const DOCUMENT = 'docs/security.md';
const reasons = new Reasons();
const list = texts => texts.map(text => `\`${text}\``).join('<br>');
const capital = text => text[0].toUpperCase() + text.slice(1);
const row = ({ effect, actions, resources, condition }, why) => [effect, list(actions), list(resources), condition || '–', why];
const HEAD = ['Effect', 'Actions', 'Resources', 'Condition', 'Why'];

const vastCloud = vastCloudTemplate();
const construct = defaultTemplate();
const untrue = untrueClaims(vastCloud);
if (untrue.length > 0) throw new Error(`what ${DOCUMENT} says in its own words is not so: ${untrue.join('; ')}`);

const roles = Object.entries(rolesOf(vastCloud)).map(([path, who]) => [
  `### ${capital(nameOf(path))}`,
  `Taken on by \`${who}\`, and by nobody else.`,
  table(HEAD, statementsOf(vastCloud).filter(one => one.path === path).map(one => row(one, reasons.ofStatement(one)))),
].join('\n\n')).join('\n\n');

const things = table(['Where', 'Effect', 'Who', 'Actions', 'Condition', 'Why'], statementsOf(vastCloud)
  .filter(({ principal }) => principal !== undefined)
  .map(one => [
    capital(nameOf(one.path)), one.effect, one.principal === '*' ? 'everybody' : `\`${one.principal}\``, list(one.actions), one.condition || '–',
    reasons.ofStatement(one),
  ]));

const known = new Set([...statementsOf(construct), ...statementsOf(vastCloud)].map(one => JSON.stringify(one)));
const options = table(['With', 'Whose', ...HEAD.slice(1)], Object.keys(OPTIONS).flatMap(option => {
  // A key of the user's own has a policy of CDK's, which is not ours to describe.
  const added = statementsOf(optionTemplate(option)).filter(one => !known.has(JSON.stringify(one)) && one.principal === undefined);
  if (added.length === 0) throw new Error(`${option} adds no statement`);
  return added.map(one => [option, capital(nameOf(one.path)), ...row(one, reasons.ofStatement(one)).slice(1)]);
}));

const grants = Object.fromEntries(GRANTS.map(grant => [
  grant,
  table(HEAD.slice(1), statementsOf(grantTemplate(grant)).filter(({ path }) => path === 'Grantee').map(one => row(one, reasons.ofGrant(grant, one)).slice(1))),
]));

const ports = table(['Security group', 'Direction', 'Port', 'Peer', 'Why'], rulesOf(vastCloud)
  .sort((a, b) => a.path.localeCompare(b.path) || a.direction.localeCompare(b.direction))
  .map(one => [capital(nameOf(one.path)), one.direction, one.port, one.peer, reasons.ofRule(one)]));

reasons.conclude();
writeFileSync(DOCUMENT, fillSections(readFileSync(DOCUMENT, 'utf8'), { roles, things, options, ...grants, ports }));
