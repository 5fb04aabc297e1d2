const { fillSections, table } = jest.requireActual<{
  fillSections(text: string, sections: { [name: string]: string }): string;
  table(head: string[], rows: (string | number)[][]): string;
}>('../../build-tools/generated-sections.cjs');

const DOCUMENT = 'before\n\n<!-- begin one, made by x: do not edit -->\nold\n<!-- end one -->\n\nafter\n';

describe('sections of a document that a script makes', () => {
  test('are filled, and nothing else is touched', () => {
    const filled = fillSections(DOCUMENT, { one: 'new $1 $&' });
    expect(filled).toBe('before\n\n<!-- begin one, made by x: do not edit -->\n\nnew $1 $&\n\n<!-- end one -->\n\nafter\n');
    expect(fillSections(filled, { one: 'new $1 $&' })).toBe(filled);
  });

  test('are refused where a place or a section is missing', () => {
    expect(() => fillSections(DOCUMENT, {})).toThrow('nothing is made for the section \'one\'');
    expect(() => fillSections(DOCUMENT, { one: '', two: '' })).toThrow('the section \'two\' has no place');
    expect(() => fillSections(`${DOCUMENT}${DOCUMENT}`, { one: '' })).toThrow('the section \'one\' has several places');
    expect(() => fillSections('<!-- begin one, made by x: do not edit -->\n', { one: '' })).toThrow('the section \'one\' has no end');
  });

  test('a cell of a table may have any text', () => {
    expect(table(['A', 'B'], [['a | b', 1]])).toBe('| A | B |\n|---|---|\n| a \\| b | 1 |');
  });
});
