// Parts of a document that are made by a script, between two comments; what stands around them is written by hand.
//
//   <!-- begin NAME, made by build-tools/X.mjs: do not edit -->
//   <!-- end NAME -->

/** The text with each section filled anew. Fails where a section has no place, or a place has no section. */
function fillSections(text, sections) {
  const places = [...text.matchAll(/^<!-- begin ([\w-]+), made by .*-->$/gm)].map(([, name]) => name);
  const differing = [
    ...places.filter(name => !(name in sections)).map(name => `nothing is made for the section '${name}'`),
    ...Object.keys(sections).filter(name => places.filter(place => place === name).length !== 1)
      .map(name => `the section '${name}' has ${places.includes(name) ? 'several places' : 'no place'}`),
  ];
  if (differing.length > 0) throw new Error(differing.join('; '));
  return Object.entries(sections).reduce((filled, [name, content]) => {
    const place = new RegExp(`(^<!-- begin ${name}, made by .*-->\n)[^]*?(^<!-- end ${name} -->$)`, 'm');
    if (!place.test(filled)) throw new Error(`the section '${name}' has no end`);
    return filled.replace(place, (_, begin, end) => `${begin}\n${content.trim()}\n\n${end}`);
  }, text);
}

/** A table of Markdown. */
function table(head, rows) {
  const line = cells => `| ${cells.map(cell => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), `|${head.map(() => '---').join('|')}|`, ...rows.map(line)].join('\n');
}

module.exports = { fillSections, table };
