import { createTable } from './table.js'

/** How far work that goes on in the background has come, by name. */
export const progressTable: readonly string[] = [
  ...createTable({
    name: 'progress',
    meaning: 'how far continuous work has come',
    columns: [
      { name: 'name', sqlType: 'VARCHAR NOT NULL', meaning: 'what the number is of' },
      {
        name: 'value',
        sqlType: 'BIGINT NOT NULL',
        meaning: 'number of a commit: commits = the last one, others = everything up to it was looked at',
      },
    ],
  }),
  `INSERT INTO progress VALUES ('commits', 0)`,
]
