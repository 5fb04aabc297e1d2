import { readFileSync } from 'node:fs';

/** Members of the API that say nothing of themselves, and optional properties that do not say what happens without them. */
export function checkMembers() {
  const { types } = JSON.parse(readFileSync('.jsii', 'utf8'));
  return Object.values(types).flatMap(type => problemsOf(type, types));
}

function problemsOf(type, types) {
  const problems = [];
  // What comes from another type is documented there; one of another package is not ours to look at.
  const isDocumented = ({ docs, overrides, name }) => {
    const parent = types[overrides];
    return Boolean(docs?.summary) || (overrides !== undefined && (parent === undefined
      || [...parent.methods ?? [], ...parent.properties ?? []].some(one => one.name === name && isDocumented(one))));
  };
  if (!type.docs?.summary) problems.push(`${type.name} is not documented`);
  for (const member of [...type.properties ?? [], ...type.methods ?? []]) {
    if (!isDocumented(member)) problems.push(`${type.name}.${member.name} is not documented`);
    if (type.datatype && member.optional && !member.docs?.default) problems.push(`${type.name}.${member.name} has no @default`);
  }
  for (const member of type.members ?? []) {
    if (!member.docs?.summary) problems.push(`${type.name}.${member.name} is not documented`);
  }
  return problems;
}
