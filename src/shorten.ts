/** A text that somebody sent, cut so that it can be shown in a message: at most `most` characters and an ellipsis. */
export function shorten(text: string, most = 80): string {
  return text.length > most ? `${text.slice(0, most)}…` : text
}
