import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

/** What `cdk-vast/runtime` exports: jsii knows nothing of it. */
const RUNTIME = 'lib/runtime/index.d.ts';

/** Members of the API that say nothing of themselves, and optional properties that do not say what happens without them. */
export function checkMembers() {
  const { types } = JSON.parse(readFileSync('.jsii', 'utf8'));
  return [...Object.values(types).flatMap(type => problemsOf(type, types)), ...existsSync(RUNTIME) ? runtimeProblems() : []];
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

function runtimeProblems() {
  const ts = createRequire(import.meta.url)('typescript');
  const program = ts.createProgram([RUNTIME], { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16, skipLibCheck: true });
  const checker = program.getTypeChecker();
  const wordsOf = symbol => ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const ofMember = (owner, declaration) => {
    const { symbol } = declaration;
    const name = `${owner.name}.${symbol.name}`;
    if (!wordsOf(symbol)) return [`${name} is not documented`];
    const hasDefault = symbol.getJsDocTags(checker).some(tag => tag.name === 'default');
    return ts.isPropertySignature(declaration) && declaration.questionToken && !hasDefault ? [`${name} has no @default`] : [];
  };
  return checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(RUNTIME))).flatMap((exported) => {
    const symbol = exported.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(exported) : exported;
    const parents = symbol.declarations.flatMap(({ heritageClauses = [] }) => heritageClauses.flatMap(({ types }) => types.map(checker.getTypeAtLocation)));
    const members = symbol.declarations.flatMap(declaration => declaration.members ?? [])
      .filter(member => member.name && !(ts.getCombinedModifierFlags(member) & ts.ModifierFlags.Private))
      // What comes from another type is documented there.
      .filter(member => !parents.some(parent => parent.getProperty(member.symbol.name)));
    return [...wordsOf(symbol) ? [] : [`${symbol.name} is not documented`], ...members.flatMap(member => ofMember(symbol, member))];
  });
}
