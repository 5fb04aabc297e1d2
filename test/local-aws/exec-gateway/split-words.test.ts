import { splitWords, UnreadableCommandError } from '../../../local-aws/exec-gateway/docker/split-words';

test.each<[string, string[]]>([
  ['ls', ['ls']],
  ['  ls \t -l\n-a ', ['ls', '-l', '-a']],
  [String.raw`sh -c 'echo "a b" \n $HOME'`, ['sh', '-c', String.raw`echo "a b" \n $HOME`]],
  [String.raw`a\ b "c \"d\" \\ e" f""g ''`, ['a b', 'c "d" \\ e', 'fg', '']],
  ['it\'s\' \'a\'ll', ['its', 'all']],
  ['a#b # the rest\nc #', ['a#b', 'c']],
  ['a; b && c | $(d) *', ['a;', 'b', '&&', 'c', '|', '$(d)', '*']],
  ['"äöü €"\\𝄞', ['äöü €𝄞']],
])('%j', (command, words) => expect(splitWords(command)).toEqual(words));

test.each<[string, string]>([
  ['echo "a', 'EOF found when expecting closing quote'], ['echo a\\', 'EOF found after escape character'],
  [' # nothing', 'there is no command in it'], ['', 'there is no command in it'],
])('%j cannot be read', (command, why) => {
  expect(() => splitWords(command)).toThrow(UnreadableCommandError);
  expect(() => splitWords(command)).toThrow(why);
});
