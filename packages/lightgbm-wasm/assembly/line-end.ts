import { Complaint, fail, line, setLine } from './host'

export const NEWLINE: u8 = 10
export const RETURN: u8 = 13

/** Behind the LF or CRLF at p; p itself when the window cuts it. LightGBM takes a lone CR for the end of a line: no writer means that. */
export function nextLine(p: usize, end: usize, last: bool): usize {
  if (load<u8>(p) == RETURN) {
    if (p + 1 == end && !last) return p
    if (load<u8>(p, 1) != NEWLINE) fail(Complaint.UnexpectedLine)
    p++
  }
  setLine(line + 1)
  return min(p + 1, end)
}
