/** The words of a command line, as a shell cuts it: blanks part them, '…' is literal, in "…" a backslash escapes `"`. */
export function wordsOf(line: string): string[] {
  const words: string[] = []
  for (const [, part] of line.matchAll(/((?:'[^']*'|"(?:\\.|[^"\\])*"|[^\s'"])+)/g)) {
    words.push(
      part!.replace(
        /'([^']*)'|"((?:\\.|[^"\\])*)"/g,
        (_, single?: string, double = '') => single ?? (double as string).replace(/\\(["\\$])/g, '$1'),
      ),
    )
  }
  return words
}
